// Command warden keeps the sandbox's processes from outliving it and writes its keys. It uses only
// the standard library, so that one warden beside each process costs a few megabytes.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 3 {
		usage()
	}
	var err error
	switch os.Args[1] {
	case "run":
		var code int
		if code, err = run(os.Args[2:]); err == nil {
			os.Exit(code)
		}
	case "certs":
		err = certs(os.Args[2])
	default:
		usage()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "warden: "+err.Error())
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: warden run LOGFILE COMMAND [ARGUMENTS]\n       warden certs DIRECTORY")
	os.Exit(2)
}
