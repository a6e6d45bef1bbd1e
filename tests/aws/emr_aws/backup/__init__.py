"""AWS Backup: vaults, on-demand jobs that take time, and the recovery points that the emulator never lists."""
