package authz

import "context"

type viewerKey struct{}

// NewContext puts the viewer into a context; the HTTP edge does it once a
// request.
func NewContext(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, v)
}

// FromContext gives the viewer; the zero Viewer when nobody asked.
func FromContext(ctx context.Context) Viewer {
	v, _ := ctx.Value(viewerKey{}).(Viewer)
	return v
}

// AsSystem gives a context in which the product itself acts: it sees every row.
// Background jobs, seeding and the sign-in use it; nothing that a client
// controls may run under it.
func AsSystem(ctx context.Context) context.Context {
	return NewContext(ctx, Viewer{System: true, Name: "system"})
}

// Admin reports whether the viewer administers the platform: such a person may
// read the API's schema when others may not.
func (v Viewer) Admin() bool { return v.Has(PlatformAdmin) }
