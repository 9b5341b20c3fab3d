package simulation

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// site is a film of one second: ffmpeg's own test picture (testsrc2) as H.264.
//
//go:embed data/site.mp4
var site []byte

// photo is a new picture that looks like no other one.
func (m *month) photo() []byte {
	m.pictures++
	return picture(m.pictures)
}

// picture draws blocks of grey: pictures of different numbers differ for the eye
// and for a perceptual hash.
func picture(number uint64) []byte {
	draw := rand.New(rand.NewPCG(number, 21)) //nolint:gosec // a month must repeat itself
	img := image.NewGray(image.Rect(0, 0, 320, 240))
	for y := 0; y < 240; y += 30 {
		for x := 0; x < 320; x += 40 {
			shade := color.Gray{Y: uint8(draw.UintN(256))} //nolint:gosec // below 256
			for i := range 30 * 40 {
				img.SetGray(x+i%40, y+i/40, shade)
			}
		}
	}
	var out bytes.Buffer
	_ = jpeg.Encode(&out, img, &jpeg.Options{Quality: 80}) // a Buffer takes everything
	return out.Bytes()
}

// film is the film with bytes of its own: a box that players skip.
func (m *month) film() []byte {
	m.pictures++
	box := binary.BigEndian.AppendUint32(nil, 16)
	box = append(box, "free"...)
	return append(bytes.Clone(site), binary.BigEndian.AppendUint64(box, m.pictures)...)
}

// send announces a file, sends it and completes it, as the person of the context.
func (m *month) send(ctx context.Context, s *ent.School, kind rule.EvidenceKind, stage rule.EvidenceStage, content []byte) (id.ID, error) {
	sum := sha256.Sum256(content)
	now := m.Clock.Now()
	in := evidence.AnnounceEvidenceInput{
		ID: id.New(id.Evidence), SchoolID: s.PublicID(), Kind: kind, Stage: stage, Source: rule.FromCamera, FileName: "site.jpg", MediaType: "image/jpeg",
		Size: int64(len(content)), Sha256: hex.EncodeToString(sum[:]), CapturedAt: &now, DeviceTime: &now,
	}
	if kind == rule.Photo && m.first == nil {
		m.first = content
	}
	if kind == rule.Video {
		in.FileName, in.MediaType = "site.mp4", "video/mp4"
	}
	e, err := m.App.UploadEvidence(ctx, in, bytes.NewReader(content))
	if err != nil {
		return id.ID{}, fmt.Errorf("send a file: %w", err)
	}
	return e.PublicID(), nil
}

// promise is a file that somebody names and never sends.
func promise() id.ID { return id.New(id.Evidence) }
