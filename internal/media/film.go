package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// What ffmpeg makes of a video that every phone plays, and for how long a video.
const (
	playableSide = 1280 // pixels of the long side
	playableFilm = 10 * time.Minute

	frameWithin = 20 * time.Second
)

// errNoFrame says that ffmpeg gave no picture, for a reason that lies in it and
// not in the file.
var errNoFrame = errors.New("no frame")

// ffmpeg runs ffmpeg on a file as on a single film without anything beside it: a
// playlist in disguise would make it open other files.
func ffmpeg(ctx context.Context, r request, before, after []string) (log string, err error) {
	args := append([]string{"-nostdin", "-v", "error", "-y", "-threads", "2", "-protocol_whitelist", "file", "-f", "mov"}, before...)
	args = append(args, "-i", "file:"+r.Path, "-map", "0:V:0", "-map_metadata", "-1", "-map_chapters", "-1")
	cmd := exec.CommandContext(ctx, r.FFmpeg, append(args, after...)...) //nolint:gosec // the engine has found the program
	var b bytes.Buffer
	cmd.Stderr = &b
	err = cmd.Run()
	log, _, _ = strings.Cut(b.String(), "\n")
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return log, err
}

// firstFrame gives the first picture of a video, upright, or of an AVIF. A
// Refusal says that the video has none that can be decoded.
func firstFrame(r request) (image.Image, error) {
	path := filepath.Join(r.Folder, "frame.png")
	defer func() { _ = os.Remove(path) }()
	ctx, cancel := context.WithTimeout(context.Background(), frameWithin)
	defer cancel()
	var before, size []string
	if r.MediaType != "image/avif" {
		before, size = []string{"-skip_frame", "nokey"}, []string{"-vf", within(previewSide, 1)}
	}
	log, err := ffmpeg(ctx, r, before, append(size, "-frames:v", "1", "-c:v", "png", "-f", "image2", "file:"+path))
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && strings.Contains(log, "Cannot allocate memory"):
		return nil, refuse(ReasonTooExpensive, "ffmpeg: %v: %.200s", err, log)
	case errors.As(err, &exit) && !(strings.Contains(log, "Decoder") && strings.Contains(log, "not found")):
		return nil, refuse(ReasonCorrupt, "ffmpeg: %v: %.200s", err, log)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errNoFrame, err)
	}
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, refuse(ReasonCorrupt, "ffmpeg: no frame: %.200s", log)
	}
	defer func() { _ = f.Close() }()
	m, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoFrame, err)
	}
	// Of a picture made of tiles, some versions decode the first tile only.
	if s := m.Bounds().Size(); r.MediaType == "image/avif" && s != image.Pt(r.Width, r.Height) && s != image.Pt(r.Height, r.Width) {
		return nil, errNoFrame
	}
	return m, nil
}

// within is ffmpeg's filter that fits pictures into a square without enlarging
// them, each side a multiple of a number of pixels.
func within(side, multiple int) string {
	return fmt.Sprintf("scale='min(%d,iw)':'min(%d,ih)':force_original_aspect_ratio=decrease:force_divisible_by=%d", side, side, multiple)
}

// playable makes a film that every phone plays and that says nothing but itself:
// H.264 and AAC, playing before it has arrived as a whole. Pictures that every
// phone plays already are kept as they are, which costs next to nothing.
func playable(r request) (Rendition, error) {
	path := filepath.Join(r.Folder, "playable.mp4")
	pictures := []string{
		"-fpsmax", "30", "-vf", within(playableSide, 2) + ",format=yuv420p",
		"-c:v", "libx264", "-profile:v", "baseline", "-preset", "veryfast", "-crf", "26", "-threads", "2",
	}
	if r.Plain {
		pictures = []string{"-c:v", "copy"}
	}
	log, err := ffmpeg(context.Background(), r, nil, append(pictures,
		"-bsf:v", "filter_units=remove_types=6", // remarks between the pictures
		"-map", "0:a:0?", "-sn", "-dn", "-c:a", "aac", "-b:a", "96k", "-ac", "2",
		"-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart", "-f", "mp4", "file:"+path))
	if err != nil {
		return Rendition{}, fmt.Errorf("ffmpeg: %w: %.200s", err, log)
	}
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return Rendition{}, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return Rendition{}, err
	}
	facts, err := Inspect(f, info.Size())
	if err != nil {
		return Rendition{}, err
	}
	return Rendition{Name: "PLAYABLE", Path: path, MediaType: facts.MediaType, Width: facts.Width, Height: facts.Height, Size: info.Size()}, nil
}
