package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// pair is a certificate with its key.
type pair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// certs writes everything that the control plane signs or proves itself with: a CA with a serving
// certificate for loopback, a front-proxy CA with the aggregator's client certificate, and the
// service-account key.
func certs(dir string) error {
	ca, err := issue(dir, "ca", pair{}, x509.Certificate{
		Subject: pkix.Name{CommonName: "sandbox"},
	})
	if err != nil {
		return err
	}
	if _, err = issue(dir, "server", ca, x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1)},
		DNSNames: []string{
			"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local",
		},
	}); err != nil {
		return err
	}
	front, err := issue(dir, "front-proxy-ca", pair{}, x509.Certificate{
		Subject: pkix.Name{CommonName: "front-proxy"},
	})
	if err != nil {
		return err
	}
	if _, err = issue(dir, "front-proxy-client", front, x509.Certificate{
		Subject:     pkix.Name{CommonName: "front-proxy-client"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	return writeKey(dir, "service-account", key)
}

// issue writes NAME.crt and NAME.key, signed by the parent, or a CA signed by itself.
func issue(dir, name string, parent pair, template x509.Certificate) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return pair{}, err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().AddDate(1, 0, 0)
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageDigitalSignature
	if parent.key == nil {
		template.IsCA = true
		template.KeyUsage |= x509.KeyUsageCertSign
		parent = pair{certificate: &template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent.certificate, &key.PublicKey, parent.key)
	if err != nil {
		return pair{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return pair{}, err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(dir, name+".crt"), block, 0o600); err != nil {
		return pair{}, err
	}
	return pair{certificate: certificate, key: key}, writeKey(dir, name, key)
}

func writeKey(dir, name string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	return os.WriteFile(filepath.Join(dir, name+".key"), block, 0o600)
}
