package blob

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// The faults of this package. Every method returns one of them (or the
// deadline's UNAVAILABLE), with the store's own error as the cause.
var (
	errNotFound = fault.New(fault.NotFound, "blob.not_found",
		fault.T("文件不存在。", "The file does not exist."))
	errUploadGone = fault.New(fault.NotFound, "blob.upload_not_found",
		fault.T("该上传任务不存在或已结束，请重新开始上传。", "This upload does not exist or has ended. Start the upload again."))
	errConflict = fault.New(fault.Conflict, "blob.precondition",
		fault.T("该文件已存在或已被更改。", "The file exists already or has changed."))
	errParts = fault.New(fault.Conflict, "blob.parts_mismatch",
		fault.T("分片缺失、过小或与已上传内容不一致，请补传后重试。", "A part is missing, too small or differs from what was uploaded. Upload it again and retry."))
	errUnavailable = fault.New(fault.Unavailable, "blob.unavailable",
		fault.T("文件存储暂时无法访问，请稍后重试。", "The file store can't be reached at the moment. Try again later."))
	errBucketMissing = fault.New(fault.Unavailable, "blob.bucket_missing",
		fault.T("文件存储尚未就绪，请联系管理员。", "The file store is not ready. Ask an administrator."))
	errFull = fault.New(fault.Unavailable, "blob.full",
		fault.T("文件存储空间已满，请联系管理员，稍后重试。", "The file store is full. Ask an administrator and try again later."))
	errSealed = fault.New(fault.Conflict, "blob.sealed",
		fault.T("该文件处于保留期或法律保全中，不能删除或替换。", "The file is under retention or legal hold and can't be removed or replaced."))
	errNoLock = fault.New(fault.Conflict, "blob.no_lock",
		fault.T("文件存储不支持对象锁定，无法设置保留或保全。", "The file store has no object lock, so it can't keep files from being removed."))
	errRefused = fault.New(fault.Internal, "blob.refused",
		fault.T("文件存储拒绝了该操作，已记录。", "The file store refused the operation. It has been logged."))
	errKey = fault.New(fault.BadUserInput, "blob.key_invalid",
		fault.T("文件名无效。", "This is not a valid name for a stored file."))
	errSize = fault.New(fault.BadUserInput, "blob.size_mismatch",
		fault.T("文件大小与声明不一致。", "The file's size differs from what was announced."))
)

// failure is the one place where a store's error becomes a fault. A missing
// bucket is UNAVAILABLE and never NOT_FOUND: nobody may conclude from a wrong
// setting that evidence is gone.
func failure(err error) error {
	if err == nil {
		return nil
	}
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fault.Of(err)
	case locked(err):
		return errSealed.Because(err)
	case full(err):
		return errFull.Because(err)
	case unreachable(err):
		return errUnavailable.Because(err)
	}
	switch code(err) {
	case "NoSuchBucket":
		return errBucketMissing.Because(err)
	case "NoSuchUpload":
		return errUploadGone.Because(err)
	case "NoSuchKey", "NoSuchVersion", "NotFound":
		return errNotFound.Because(err)
	case "PreconditionFailed", "ConditionalRequestConflict", "OperationAborted":
		return errConflict.Because(err)
	case "InvalidPart", "InvalidPartOrder", "EntityTooSmall":
		return errParts.Because(err)
	default:
		return errRefused.Because(err)
	}
}

// code is the S3 error code, empty when the store did not answer.
func code(err error) string {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

// locked reports whether the store refused to give up what it keeps. Only the
// words tell that from keys that may not do it.
func locked(err error) bool {
	var answer minio.ErrorResponse
	return errors.As(err, &answer) && answer.Code == "AccessDenied" && strings.Contains(answer.Message, "object lock")
}

// full reports whether the store has no room: retrying may help once there is some
// again.
func full(err error) bool {
	var answer minio.ErrorResponse
	return errors.As(err, &answer) && (answer.StatusCode == http.StatusInsufficientStorage || answer.Code == "QuotaExceeded")
}

// unreachable reports whether the store did not answer, or answered that it
// can't at the moment. 501 is an answer: the store will never know the request.
func unreachable(err error) bool {
	if err == nil {
		return false
	}
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		switch answer.StatusCode {
		case http.StatusNotImplemented:
			return false
		case http.StatusRequestTimeout, http.StatusTooManyRequests:
			return true
		default:
			return answer.StatusCode >= 500
		}
	}
	var request *url.Error
	var network net.Error
	return errors.As(err, &request) || errors.As(err, &network) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
