package containers

import (
	"context"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// pull makes sure that an image is on this machine.
//
// Note: testcontainers pulls as well, but tries again until the context ends:
// without a network that is minutes of silence.
func (e engine) pull(ctx context.Context, image string) error {
	_, err := e.ImageInspect(ctx, image)
	if !errdefs.IsNotFound(err) {
		return err
	}
	var options client.ImagePullOptions
	if _, auth, err := testcontainers.DockerImageAuth(ctx, image); err == nil { // else it is pulled as anybody
		if options.RegistryAuth, err = authconfig.Encode(auth); err != nil {
			return fmt.Errorf("credentials for image %q: %w", image, err)
		}
	}
	pulling, err := e.ImagePull(ctx, image, options)
	if err == nil {
		err = pulling.Wait(ctx)
	}
	if err != nil {
		return fmt.Errorf("%w: image %q is not on this machine and cannot be pulled: %w", ErrUnavailable, image, err)
	}
	return nil
}
