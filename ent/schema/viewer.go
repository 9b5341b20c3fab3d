package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
)

// User is a person with, perhaps, a local account.
type User struct{ ent.Schema }

// Mixin of User.
func (User) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of User.
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.String("account").Comment("what the person types to sign in, lower case"),
		field.String("name"),
		field.String("password_hash").Optional().Sensitive().Comment("argon2id in PHC form; empty: cannot sign in with a password"),
		field.Time("disabled_at").Optional().Nillable(),
	}
}

// Indexes of User.
func (User) Indexes() []ent.Index { return []ent.Index{uniqueFields("account")} }

// Membership gives a user a role in a region subtree or in a school, from one
// day to another.
type Membership struct{ ent.Schema }

// Mixin of Membership.
func (Membership) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Membership.
func (Membership) Fields() []ent.Field {
	return []ent.Field{
		key("user"), mayKey("region"), mayKey("school"),
		field.Enum("role").GoType(authz.Role("")).Immutable(),
		field.String("region_path").Comment("path of the region, or of the school's township"),
		field.String("valid_from").GoType(clock.Date("")),
		field.String("valid_until").GoType(clock.Date("")).Optional().Nillable(),
	}
}

// Edges of Membership.
func (Membership) Edges() []ent.Edge {
	return []ent.Edge{to("user", User.Type), may("region", Region.Type), may("school", School.Type)}
}

// Indexes of Membership.
func (Membership) Indexes() []ent.Index {
	return []ent.Index{byFields("user_id"), byFields("region_id"), byFields("school_id"), byFields("region_path")}
}

// Session is one sign-in. Tokens are kept as SHA-256 only.
type Session struct{ ent.Schema }

// Mixin of Session.
func (Session) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		key("user"),
		field.String("access_hash").Sensitive(),
		field.String("refresh_hash").Sensitive(),
		field.Time("access_expires_at"),
		field.Time("refresh_expires_at"),
		field.Time("revoked_at").Optional().Nillable(),
	}
}

// Edges of Session.
func (Session) Edges() []ent.Edge { return []ent.Edge{to("user", User.Type)} }

// Indexes of Session.
func (Session) Indexes() []ent.Index {
	return []ent.Index{byFields("user_id"), uniqueFields("access_hash"), uniqueFields("refresh_hash")}
}

// SignInThrottle counts failed sign-ins of one account or one address.
type SignInThrottle struct{ ent.Schema }

// Mixin of SignInThrottle.
func (SignInThrottle) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of SignInThrottle.
func (SignInThrottle) Fields() []ent.Field {
	return []ent.Field{
		field.String("subject").Comment("SHA-256 of account:NAME or address:IP"),
		field.Int("failure_count").Default(0),
		field.Time("window_started_at"),
		field.Time("blocked_until").Optional().Nillable(),
	}
}

// Indexes of SignInThrottle.
func (SignInThrottle) Indexes() []ent.Index { return []ent.Index{uniqueFields("subject")} }

// CommandReceipt remembers what a client's command was and what it made, so
// that a repeat answers with the same record and other content is refused.
type CommandReceipt struct{ ent.Schema }

// Mixin of CommandReceipt.
func (CommandReceipt) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of CommandReceipt.
func (CommandReceipt) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("user_id", uuid.UUID{}).Immutable(),
		field.String("action").Immutable(),
		field.String("fingerprint").Immutable().Comment("SHA-256 of the input"),
		field.UUID("result_id", uuid.UUID{}).Immutable(),
	}
}
