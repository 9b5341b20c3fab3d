package bench

import (
	"bytes"
	"context"
	"net/http"
	"sync"
)

// abreast is how many parts a client sends at once, as a phone would.
const abreast = 3

type ticketRequest struct {
	Method, URL string
	Headers     []struct{ Name, Value string }
}

func (t ticketRequest) send(ctx context.Context, content []byte) error {
	header := http.Header{}
	for _, h := range t.Headers {
		header.Set(h.Name, h.Value)
	}
	_, _, err := send(ctx, t.Method, t.URL, header, bytes.NewReader(content))
	return err
}

const announce = `mutation($i: AnnounceEvidenceInput!) { announceEvidence(input: $i) { upload { ticket {
  request { ...r } partSize parts { number size request { ...r } } } } } }
fragment r on EvidenceUploadRequest { method url headers { name value } }`

// presigned sends a file by its ticket: announced, sent to the object store, completed.
func (c *client) presigned(ctx context.Context, f file) error {
	var out struct {
		AnnounceEvidence struct {
			Upload struct {
				Ticket struct {
					Request  *ticketRequest
					PartSize int64
					Parts    []struct {
						Number, Size int64
						Request      ticketRequest
					}
				}
			}
		}
	}
	if err := c.ask(ctx, announce, map[string]any{"i": c.announcement(f)}, &out); err != nil {
		return err
	}
	ticket := out.AnnounceEvidence.Upload.Ticket
	if ticket.Request != nil {
		if err := ticket.Request.send(ctx, f.content); err != nil {
			return err
		}
	}
	var sending sync.WaitGroup
	room, failures := make(chan struct{}, abreast), make(chan error, len(ticket.Parts))
	for _, p := range ticket.Parts {
		room <- struct{}{}
		sending.Go(func() {
			from := (p.Number - 1) * ticket.PartSize
			if err := p.Request.send(ctx, f.content[from:from+p.Size]); err != nil {
				failures <- err
			}
			<-room
		})
	}
	sending.Wait()
	if len(failures) > 0 {
		return <-failures
	}
	return c.ask(ctx, `mutation($i: CompleteEvidenceInput!) { completeEvidence(input: $i) { evidence { id } } }`,
		map[string]any{"i": map[string]any{"id": f.id}}, &struct{}{})
}
