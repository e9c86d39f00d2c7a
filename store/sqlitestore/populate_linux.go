package sqlitestore

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// populate has the kernel give the memory of a long list at once. Otherwise it does so when a page is first written to,
// which in a virtual machine takes several times as long as all else that is done to fill the page. What the list
// holds stays as it is.
func populate[T ~uint32 | ~uint64](list []T) {
	page := os.Getpagesize()
	memory := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(list))), cap(list)*int(unsafe.Sizeof(T(0))))
	if len(memory) < 64*page {
		return
	}
	unaligned := -int(uintptr(unsafe.Pointer(unsafe.SliceData(memory)))) & (page - 1)
	memory = memory[unaligned:]
	_ = unix.Madvise(memory[:len(memory)&^(page-1)], unix.MADV_POPULATE_WRITE) // without it, it is only slower
}
