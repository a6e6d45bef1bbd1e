// Command addons is what the sandbox runs beside the control plane: KWOK, metrics-server and Helm.
// They follow a later release of the Kubernetes libraries, hence a module apart. It runs the part
// that its own name says (a symbolic link for each part), or else the part its first argument says.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/component-base/cli"
	metricsserver "sigs.k8s.io/metrics-server/cmd/metrics-server/app"
)

var parts = map[string]func() int{
	"helm": helm,
	"kwok": kwok,
	"metrics-server": func() int {
		return cli.Run(metricsserver.NewMetricsServerCommand(genericapiserver.SetupSignalHandler()))
	},
}

func main() {
	part, found := parts[filepath.Base(os.Args[0])]
	if !found && len(os.Args) > 1 {
		os.Args = os.Args[1:]
		part, found = parts[os.Args[0]]
	}
	if !found {
		fmt.Fprintln(os.Stderr, "usage: addons helm|kwok|metrics-server [arguments]")
		os.Exit(2)
	}
	os.Exit(part())
}
