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

// commandLine returns a process's command line. It is empty if there is no such process, if it has ended and was not
// waited for, or if the system does not tell.
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

// releaseSharedMemory releases the few bytes of System V shared memory that a killed PostgreSQL leaves in the system
// until the machine restarts. A stopped one has released them, and its postmaster.pid is gone.
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
	// If the number now belongs to another segment, that one was
	// made by another process.
	var desc unix.SysvShmDesc
	if _, err := unix.SysvShmCtl(segment, unix.IPC_STAT, &desc); err != nil || int(desc.Cpid) != max(pid, -pid) {
		return
	}
	_, _ = unix.SysvShmCtl(segment, unix.IPC_RMID, nil)
}
