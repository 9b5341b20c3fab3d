package tus

import (
	"context"
	"io"

	"github.com/rs/zerolog"
	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
)

// files is tusd's data store: the announced files.
type files struct {
	app *app.App
	log zerolog.Logger
}

// fault is an error as the protocol answers it; what is not the sender's goes into
// the log.
func (f files) fault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if fault.Is(err, fault.Internal) {
		f.log.Error().Err(err).Msg("upload failed")
	}
	return protocolError(err, askOf(ctx).language)
}

// NewUpload makes nothing: the file was announced, and gate has looked at it.
func (f files) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	return f.GetUpload(ctx, info.MetaData["evidence"])
}

// GetUpload opens a file's stream. One whose bytes are all there, because an
// earlier request ended between the last byte and its answer, is finished now.
func (f files) GetUpload(ctx context.Context, name string) (handler.Upload, error) {
	i, err := id.Parse(name)
	if err != nil {
		return nil, handler.ErrNotFound
	}
	s, err := f.app.OpenStream(ctx, i)
	if err == nil && s.Offset() == s.Size() {
		err = s.Finish(ctx)
	}
	if err != nil {
		return nil, f.fault(ctx, err)
	}
	return upload{files: f, stream: s, name: name}, nil
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (files) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload { return u.(upload) } //nolint:errcheck,forcetypeassert // tusd gives back what GetUpload made

// upload is one file for the time of a request.
type upload struct {
	files  files
	stream *evidence.Stream
	name   string
}

// GetInfo implements handler.Upload.
func (u upload) GetInfo(context.Context) (handler.FileInfo, error) {
	return handler.FileInfo{ID: u.name, Size: u.stream.Size(), Offset: u.stream.Offset()}, nil
}

// WriteChunk keeps bytes; tusd has checked the offset. All of them or none count
// when they come with a checksum.
func (u upload) WriteChunk(ctx context.Context, _ int64, from io.Reader) (n int64, err error) {
	ask := askOf(ctx)
	if ask.algorithm != "" {
		n, err = u.stream.AppendChecked(ctx, from, ask.algorithm, ask.sum)
	} else {
		n, err = u.stream.Append(ctx, from)
	}
	return n, u.files.fault(ctx, err)
}

// FinishUpload implements handler.Upload.
func (u upload) FinishUpload(ctx context.Context) error {
	return u.files.fault(ctx, u.stream.Finish(ctx))
}

// Terminate implements handler.TerminatableUpload.
func (u upload) Terminate(ctx context.Context) error {
	return u.files.fault(ctx, u.stream.Drop(ctx))
}

// GetReader is never asked for: downloads are off.
func (u upload) GetReader(context.Context) (io.ReadCloser, error) { return nil, handler.ErrNotFound }
