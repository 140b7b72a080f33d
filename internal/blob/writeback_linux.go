package blob

import (
	"os"

	"golang.org/x/sys/unix"
)

// beginWriteBack asks the system to begin writing a range of the file to the disk, and does not wait. It is a hint: Sync is
// what makes durable.
func beginWriteBack(f *os.File, off, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), off, n, unix.SYNC_FILE_RANGE_WRITE)
}

// letGo waits until a range of the file is written and lets the system's memory go that holds it. It is a hint, too.
func letGo(f *os.File, off, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), off, n, unix.SYNC_FILE_RANGE_WAIT_BEFORE|unix.SYNC_FILE_RANGE_WRITE|unix.SYNC_FILE_RANGE_WAIT_AFTER)
	_ = unix.Fadvise(int(f.Fd()), off, n, unix.FADV_DONTNEED)
}
