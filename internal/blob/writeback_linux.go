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
