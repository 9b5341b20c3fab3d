package testkit

// PostgresPrograms lets a test put itself between the kit and the server.
var PostgresPrograms = postgresPrograms
