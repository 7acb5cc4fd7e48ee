package devstack

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// commandLine returns how a process was called, or nothing if there is none, it
// has ended and only awaits being waited for, or the system does not tell.
func commandLine(pid int) string {
	number := strconv.Itoa(pid)
	if runtime.GOOS == "linux" {
		b, err := os.ReadFile("/proc/" + number + "/cmdline")
		if err != nil {
			return ""
		}
		return string(bytes.ReplaceAll(b, []byte{0}, []byte{' '}))
	}
	b, err := exec.Command("ps", "-ww", "-o", "command=", "-p", number).Output()
	if err != nil {
		return ""
	}
	return string(b)
}

// releaseSharedMemory gives back the few bytes of System V shared memory that a
// PostgreSQL killed outright leaves in the system until the machine restarts. One
// that was stopped has given them back, and its postmaster.pid is gone.
func releaseSharedMemory(runPath string) {
	b, err := os.ReadFile(filepath.Join(runPath, dataName, "postmaster.pid"))
	if err != nil {
		return
	}
	// The first line is the server's process number, negative while initdb runs it;
	// the seventh its segment's key and number.
	const pidLine, segmentLine = 0, 6
	lines := strings.Split(string(b), "\n")
	if len(lines) <= segmentLine {
		return
	}
	pid, err := strconv.Atoi(lines[pidLine])
	fields := strings.Fields(lines[segmentLine])
	if err != nil || len(fields) != 2 {
		return
	}
	segment, err := strconv.Atoi(fields[1])
	if err != nil {
		return
	}
	// Should the number have been given to another segment since, that one was
	// made by another process.
	var desc unix.SysvShmDesc
	if _, err := unix.SysvShmCtl(segment, unix.IPC_STAT, &desc); err != nil || int(desc.Cpid) != max(pid, -pid) {
		return
	}
	_, _ = unix.SysvShmCtl(segment, unix.IPC_RMID, nil)
}
