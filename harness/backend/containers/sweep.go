package containers

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/leaklab/leaklab/harness/backend/owner"
)

// Labels of every container that this package starts.
const (
	ownerLabel = "io.github.leaklab.owner" // [owner.Mark] of the process that started it
	startLabel = "io.github.leaklab.start" // one start of a backend
)

// sweep removes the containers of runs that were killed before they could. Those
// of a run that is still there, on this machine or another, are left alone.
func (e engine) sweep(ctx context.Context) error {
	return e.remove(ctx, ownerLabel, func(labels map[string]string) bool { return owner.Abandoned(labels[ownerLabel]) })
}

// removeStart removes what one start has left, whether or not it came as far as
// to tell which container that is.
func (e engine) removeStart(ctx context.Context, start string) error {
	return e.remove(ctx, startLabel+"="+start, func(map[string]string) bool { return true })
}

// remove removes, with their volumes, the containers with a label that are to go.
func (e engine) remove(ctx context.Context, label string, which func(labels map[string]string) bool) error {
	found, err := e.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: client.Filters{}.Add("label", label)})
	if err != nil {
		return fmt.Errorf("list containers: %w", err)
	}
	var errs []error
	for _, c := range found.Items {
		if !which(c.Labels) {
			continue
		}
		_, err := e.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) { // another run, or Ryuk, removes it
			errs = append(errs, fmt.Errorf("remove container %.12s (%s): %w", c.ID, c.Image, err))
		}
	}
	return errors.Join(errs...)
}
