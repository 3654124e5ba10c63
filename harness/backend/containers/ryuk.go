package containers

import (
	"context"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// ryukDisabled is the variable by which users turn Ryuk off.
const ryukDisabled = "TESTCONTAINERS_RYUK_DISABLED"

// ryukPresent tells whether the image of Ryuk is on this machine, so that it
// works without a pull. Ryuk is a container that removes those of a process that
// is gone; without it, the next start does.
//
// Note: to let testcontainers pull it would make each start on a machine without
// a registry wait for that, and fail.
func ryukPresent() bool {
	c, err := client.New(client.FromEnv)
	if err != nil {
		return false
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), engineTime)
	defer cancel()
	//lint:ignore SA1019 it is no setting of ours, but what testcontainers takes, and nothing else says so
	_, err = c.ImageInspect(ctx, testcontainers.ReaperDefaultImage)
	return err == nil
}
