// Package authn turns a request's credential into a viewer.
//
// It decides which credentials are accepted: today a bearer token (RFC 6750). It
// never decides what the viewer may do (authz) or see (scope).
package authn

import (
	"context"
	"net/http"
	"strings"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// Viewers finds the viewer behind a token: UNAUTHENTICATED when there is none.
type Viewers interface {
	// ViewerByToken is asked once a request. UNAUTHENTICATED for an unknown,
	// expired or revoked token, UNAVAILABLE when nobody can tell.
	ViewerByToken(ctx context.Context, token string) (authz.Viewer, error)
}

// Middleware puts the viewer of every request into its context. A request
// without a credential goes on as nobody; one with a stale or malformed
// credential is refused with 401, so that a phone knows to sign in again.
func Middleware(viewers Viewers, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Get("Authorization")
		if header == "" {
			next.ServeHTTP(w, r)
			return
		}
		ctx, err := Authenticate(viewers)(r.Context(), header)
		if err != nil {
			transport.Refuse(w, r, status(err), err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Authenticate finds the viewer behind an Authorization header, for what outlives a
// request: a stream asks again before each event. No header is nobody;
// UNAUTHENTICATED for a stale or malformed one.
func Authenticate(viewers Viewers) func(ctx context.Context, authorization string) (context.Context, error) {
	return func(ctx context.Context, authorization string) (context.Context, error) {
		if authorization == "" {
			return authz.NewContext(ctx, authz.Viewer{}), nil
		}
		scheme, token, _ := strings.Cut(authorization, " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > 512 {
			return nil, fault.New(fault.Unauthenticated, "session.malformed",
				fault.T("登录凭证格式不正确。", "The Authorization header must be: Bearer TOKEN."))
		}
		v, err := viewers.ViewerByToken(ctx, token)
		if err != nil {
			return nil, err
		}
		return authz.NewContext(ctx, v), nil
	}
}

func status(err error) int {
	switch {
	case fault.Is(err, fault.Unauthenticated):
		return http.StatusUnauthorized
	case fault.Of(err).Kind.Retryable():
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
