package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// run starts the command in a process group of its own with both outputs appended to a log file,
// prints the command's process id, and kills the group as soon as standard input closes. The kernel
// closes that pipe however the sandbox ends, by SIGKILL too.
func run(args []string) (int, error) {
	if len(args) < 2 {
		usage()
	}
	// The parent-death signal follows the thread that started the child: keep that thread alive.
	runtime.LockOSThread()
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)

	log, err := os.OpenFile(args[0], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	child := exec.Command(args[1], args[2:]...)
	child.Stdout, child.Stderr = log, log
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := child.Start(); err != nil {
		return 0, err
	}
	fmt.Println(child.Process.Pid)

	group := -child.Process.Pid
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = syscall.Kill(group, syscall.SIGKILL)
	}()

	err = child.Wait()
	// What the child itself started leaves with it.
	_ = syscall.Kill(group, syscall.SIGKILL)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := child.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return child.ProcessState.ExitCode(), nil
}
