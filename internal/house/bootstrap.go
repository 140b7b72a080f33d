package house

import (
	"context"

	"mijuan/internal/access"
	"mijuan/internal/guard"
)

// Bootstrap appoints the first security administrator of an empty firm and gives the secret of their one-time link.
func (h *House) Bootstrap(ctx context.Context) (link string, err error) {
	err = h.Door.Do(ctx, console, access.Appoint, guard.Firm, func(g *guard.Grant) error {
		link, err = h.People.Bootstrap(g)
		return err
	})
	return link, err
}
