package testkit

import "net/url"

// WithDatabase gives the URL of another database on the same server.
func WithDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + name
	return u.String()
}
