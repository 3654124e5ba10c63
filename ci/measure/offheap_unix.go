//go:build unix

package main

import "syscall"

// offHeap maps 64 KiB outside the heap every 64 requests and touches each page,
// for untouched memory takes none.
func offHeap() step {
	const size = 64 << 10
	return guarded(func(n, _ int) {
		if n%64 != 0 {
			return
		}
		block, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			panic(err) // the lab reports the death of the target
		}
		for i := range block {
			block[i] = 1
		}
	})
}
