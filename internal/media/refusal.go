package media

import (
	"fmt"
	"slices"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// The reasons of a Refusal. They are stable: they are stored with rejected
// evidence and shown to clients.
const (
	ReasonEmpty             = "empty"              // no bytes at all
	ReasonNotMedia          = "not_media"          // text or bytes of no known kind
	ReasonHTML              = "html"               // a web page
	ReasonSVG               = "svg"                // a drawing that can carry scripts
	ReasonArchive           = "archive"            // ZIP (also office documents), RAR, 7z, gzip
	ReasonPlaylist          = "playlist"           // a list that makes players open other files
	ReasonUnsupported       = "unsupported"        // media, but of a type or variant not accepted
	ReasonTruncated         = "truncated"          // ends before its own structure does
	ReasonCorrupt           = "corrupt"            // contradicts its own format
	ReasonTooManyPixels     = "too_many_pixels"    // above MaxPixels or MaxHEICPixels
	ReasonTooLittleData     = "too_little_data"    // far too few bytes for the size it claims
	ReasonScanBomb          = "scan_bomb"          // a JPEG with more than 100 scans
	ReasonTooComplex        = "too_complex"        // too many, too deep or too large parts
	ReasonAnimated          = "animated"           // moving picture in a photo format
	ReasonPolyglot          = "polyglot"           // a web page or archive hidden in media
	ReasonNoVideo           = "no_video"           // a video file without a picture track
	ReasonTooExpensive      = "too_expensive"      // decoding it takes more time or memory than a file may
	ReasonExternalReference = "external_reference" // a video whose data lies in another file
)

// texts tell the person who sent the file what to do.
var texts = map[string]fault.Text{
	ReasonEmpty: fault.T("文件是空的，请重新拍摄或重新选择文件。",
		"The file is empty. Take it again or choose another file."),
	ReasonNotMedia: fault.T("这不是照片、视频或PDF文件（按文件内容判断，与扩展名无关）。",
		"This is not a photo, a video or a PDF. The content decides, not the file name."),
	ReasonHTML: fault.T("这是网页文件，请上传照片、视频或PDF。",
		"This is a web page. Send a photo, a video or a PDF."),
	ReasonSVG: fault.T("不接受SVG图形，请上传照片（JPEG、PNG、WebP、HEIC、AVIF）。",
		"SVG drawings are not accepted. Send a photo as JPEG, PNG, WebP, HEIC or AVIF."),
	ReasonArchive: fault.T("这是压缩包或办公文档，请逐个上传原始照片、视频，文档请另存为PDF。",
		"This is an archive or an office document. Send each photo and video by itself, and documents as PDF."),
	ReasonPlaylist: fault.T("这是播放列表，不是视频本身，请上传视频文件。",
		"This is a playlist, not a video. Send the video itself."),
	ReasonUnsupported: fault.T("不接受这种格式。照片请用JPEG、PNG、WebP、HEIC或AVIF，视频请用MP4或MOV（H.264或H.265编码），文档请用PDF。",
		"This format is not accepted. Send photos as JPEG, PNG, WebP, HEIC or AVIF, videos as MP4 or MOV coded as H.264 or H.265, documents as PDF."),
	ReasonTruncated: fault.T("文件不完整（后面的内容缺失），请重新上传原文件。",
		"The file is incomplete: its end is missing. Send the original again."),
	ReasonCorrupt: fault.T("文件已损坏，无法读取，请重新上传原文件。",
		"The file is damaged and cannot be read. Send the original again."),
	ReasonTooManyPixels: fault.T("照片像素过多：最多1亿像素，HEIC最多5000万像素。请降低拍摄分辨率。",
		"The picture is too large: at most 100 million pixels, 50 million for HEIC. Use a lower camera resolution."),
	ReasonTooLittleData: fault.T("文件内容远少于所标称的尺寸，不是完整的照片，请重新上传原文件。",
		"The file holds far too little for the size it claims. Send the original again."),
	ReasonScanBomb: fault.T("照片结构异常（扫描次数过多），请用相机原图。",
		"The photo is built abnormally (too many scans). Send the camera's original."),
	ReasonTooComplex: fault.T("文件结构异常复杂，请用相机原始文件。",
		"The file's structure is abnormally complex. Send the camera's original."),
	ReasonAnimated: fault.T("不接受动图，请上传静态照片，或上传MP4视频。",
		"Animated pictures are not accepted. Send a still photo, or a video as MP4."),
	ReasonPolyglot: fault.T("文件中夹带了网页或压缩包，请上传相机原始文件。",
		"A web page or an archive is hidden in the file. Send the camera's original."),
	ReasonNoVideo: fault.T("文件中没有视频画面，请上传带画面的视频。",
		"The file has no picture track. Send a video with a picture."),
	ReasonTooExpensive: fault.T("解码该文件耗费过多时间或内存，请用相机原图。",
		"Decoding this file takes too much time or memory. Send the camera's original."),
	ReasonExternalReference: fault.T("视频引用了外部文件，请上传完整、独立的视频。",
		"The video refers to data in another file. Send a complete video."),
}

// Reasons lists every reason in alphabetical order.
func Reasons() []string {
	list := make([]string, 0, len(texts))
	for reason := range texts {
		list = append(list, reason)
	}
	slices.Sort(list)
	return list
}

// Refusal is the verdict that a file is not acceptable as evidence. It depends
// on the bytes only: the same file is refused again.
type Refusal struct {
	// Reason is one of the Reason constants.
	Reason string
	// Text is safe to show and says what to do.
	Text fault.Text
	// Detail is for the log: where in the file and what was found there.
	Detail string
}

// Error is the log's form.
func (r *Refusal) Error() string { return "media: refused as " + r.Reason + ": " + r.Detail }

func refuse(reason, detail string, args ...any) error {
	return &Refusal{Reason: reason, Text: texts[reason], Detail: fmt.Sprintf(detail, args...)}
}
