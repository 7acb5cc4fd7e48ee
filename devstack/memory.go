package devstack

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// sharedMemory is where Linux keeps files in memory. Other systems have none.
const sharedMemory = "/dev/shm"

// roomInMemory is how many bytes must be free there, and in memory as a whole, before a server's data is put there.
const roomInMemory = 6 << 30

// MemoryDir gives a directory whose files are kept in memory, or "" where there is none or too little room. It is for servers whose data
// is small and nobody's, as those of tests (PostgresOptions.In): their hundreds of databases have a hundred thousand files, and to remove
// these from a disk took longer than the tests themselves.
func MemoryDir() string {
	if !reachableByAll(sharedMemory) || freeIn(sharedMemory) < roomInMemory || freeMemory() < roomInMemory {
		return ""
	}
	return sharedMemory
}

// freeIn gives the bytes that are free in a file system; 0 if nobody can tell.
func freeIn(dir string) int64 {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return 0
	}
	return int64(s.Bavail) * int64(s.Bsize)
}

// freeMemory gives the bytes of memory that programs may still take; 0 if nobody can tell.
func freeMemory() int64 {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(info), "MemAvailable:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseInt(kilobytes, 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}
