package media

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// What ffmpeg may take of the worker's time and how large a playable rendition is.
const playableSide = 1280

// within scales to a long side of at most n pixels, with even sides.
func within(n int) string {
	return fmt.Sprintf("scale='if(gte(iw,ih),min(%[1]d,trunc(iw/2)*2),-2)':'if(gte(iw,ih),-2,min(%[1]d,trunc(ih/2)*2))'", n)
}

// ffmpeg reads one file, which the gate has found to be an ISO file, and writes
// another. It may open no other file and no address, whatever the file asks for.
// false when it can't.
func ffmpeg(r request, seek []string, to string, args ...string) (bool, error) {
	input := append([]string{"-nostdin", "-v", "error", "-protocol_whitelist", "file", "-f", "mov"}, seek...)
	input = append(input, "-i", r.Path, "-map_metadata", "-1", "-map_chapters", "-1")
	cmd := exec.Command(r.FFmpeg, append(append(input, args...), "-y", to)...) //nolint:gosec,noctx // the engine's; it is killed with the worker's group
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return false, nil
	case err != nil:
		return false, err
	}
	_, err = os.Stat(to)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// still is the first picture of a video or an AVIF; nil when ffmpeg gives none.
func still(r request) (image.Image, error) {
	to := filepath.Join(r.Folder, "still.png")
	ok, err := ffmpeg(r, []string{"-skip_frame", "nokey"}, to, "-map", "0:V:0", "-frames:v", "1", "-vf", within(previewSide), "-f", "image2", "-update", "1")
	if err != nil || !ok {
		return nil, err
	}
	f, err := os.Open(to) //nolint:gosec // our own folder
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	m, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("ffmpeg's picture: %w", err)
	}
	return m, nil
}

// playable makes the rendition that every phone and browser plays. A *Refusal
// when ffmpeg can't.
func playable(r request) (Rendition, error) {
	to := filepath.Join(r.Folder, "playable.mp4")
	ok, err := ffmpeg(r, nil, to, "-map", "0:V:0", "-map", "0:a:0?", "-vf", within(playableSide), "-fpsmax", "30",
		"-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-profile:v", "main", "-pix_fmt", "yuv420p",
		"-c:a", "aac", "-b:a", "96k", "-ac", "2", "-fflags", "+bitexact", "-movflags", "+faststart")
	if err != nil {
		return Rendition{}, err
	}
	if !ok {
		return Rendition{}, refuse(ReasonCorrupt, "ffmpeg can't play it")
	}
	f, err := os.Open(to) //nolint:gosec // our own folder
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
	return Rendition{Name: "PLAYABLE", Path: to, MediaType: "video/mp4", Width: facts.Width, Height: facts.Height, Size: info.Size()}, nil
}
