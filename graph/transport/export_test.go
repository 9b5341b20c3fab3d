package transport

// Framing is what a form may hold beside its operations and its file, in bytes.
const Framing = framing

// DecodeRequest is fuzzed.
var DecodeRequest = decodeRequest
