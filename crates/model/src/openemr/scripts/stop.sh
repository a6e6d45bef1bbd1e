#!/bin/sh
# Before SIGTERM, at which Apache would drop its requests. The load balancer needs a while to hear
# that this pod is leaving; then the requests that are under way end, within
# GracefulShutdownTimeout. Process 1 ends with the last of them, and this script with it.
sleep 20
httpd -k graceful-stop || exit 0
while kill -0 1 2>/dev/null; do sleep 1; done
