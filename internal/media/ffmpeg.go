package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// playableSide is the long side of a playable rendition in pixels.
const playableSide = 1280

// ffmpeg runs ffmpeg on a file as on a single film without anything beside it: a
// playlist in disguise would make it open other files. It shares the worker's
// limits and dies with it. A *Refusal when it can't, with what it says.
func ffmpeg(r request, before []string, after ...string) error {
	args := append([]string{"-nostdin", "-v", "error", "-y", "-threads", "2", "-protocol_whitelist", "file", "-f", "mov"}, before...)
	args = append(args, "-i", "file:"+r.Path, "-map", "0:V:0", "-map_metadata", "-1", "-map_chapters", "-1")
	var says bytes.Buffer
	cmd := exec.Command(r.FFmpeg, append(args, after...)...) //nolint:gosec,noctx // the engine has found the program; the engine kills it with this process
	cmd.Stderr = &says
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return refuse(ReasonCorrupt, "ffmpeg: %v: %.200s", err, says.String())
	}
	return err
}

// firstFrame gives the first picture of a video, upright, or of an AVIF; nil when
// ffmpeg has none, whose age decides as much about that as the file.
func firstFrame(r request) (image.Image, error) {
	path := filepath.Join(r.Folder, "frame.png")
	defer func() { _ = os.Remove(path) }()
	after := []string{"-frames:v", "1", "-c:v", "png", "-f", "image2", "-update", "1", "file:" + path}
	before := []string{"-skip_frame", "nokey"}
	if r.Facts.Kind == rule.Video {
		after = append([]string{"-vf", within(previewSide, 1)}, after...)
	}
	err := ffmpeg(r, before, after...)
	if _, ok := errors.AsType[*Refusal](err); ok {
		return nil, nil //nolint:nilnil // no picture is an answer
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Clean(path))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // no picture is an answer
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	m, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("ffmpeg's picture: %w", err)
	}
	// Of a picture made of tiles, some versions decode the first tile only.
	if s, f := m.Bounds().Size(), r.Facts; f.Kind == rule.Photo && s != image.Pt(f.Width, f.Height) && s != image.Pt(f.Height, f.Width) {
		return nil, nil //nolint:nilnil // no picture is an answer
	}
	return m, nil
}

// within is ffmpeg's filter that fits pictures into a square without enlarging
// them, each side a multiple of a number of pixels.
func within(side, multiple int) string {
	return fmt.Sprintf("scale='min(%[1]d,iw)':'min(%[1]d,ih)':force_original_aspect_ratio=decrease:force_divisible_by=%[2]d", side, multiple)
}

// playable makes a film that every phone plays and that says nothing but itself:
// H.264 and AAC, playing before it has arrived as a whole. A *Refusal when ffmpeg
// can't.
func playable(r request) (Rendition, error) {
	path := filepath.Join(r.Folder, "playable.mp4")
	err := ffmpeg(r, nil, "-fpsmax", "30", "-vf", within(playableSide, 2)+",format=yuv420p",
		"-c:v", "libx264", "-profile:v", "main", "-preset", "veryfast", "-crf", "26", "-threads", "2",
		"-bsf:v", "filter_units=remove_types=6", // remarks between the pictures
		"-map", "0:a:0?", "-sn", "-dn", "-c:a", "aac", "-b:a", "96k", "-ac", "2",
		"-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart", "-f", "mp4", "file:"+path)
	if err != nil {
		return Rendition{}, err
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
		return Rendition{}, fmt.Errorf("ffmpeg's film: %w", err)
	}
	return Rendition{Name: rule.Playable, Path: path, MediaType: facts.MediaType, Width: facts.Width, Height: facts.Height, Size: info.Size()}, nil
}
