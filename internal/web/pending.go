package web

import "mijuan/internal/server"

func (f *face) ledgerRoutes() []server.Route[*Visitor] { return nil }
func (f *face) peopleRoutes() []server.Route[*Visitor] { return nil }
func (f *face) rulesRoutes() []server.Route[*Visitor]  { return nil }
func (f *face) selfRoutes() []server.Route[*Visitor]   { return nil }
