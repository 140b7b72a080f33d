package api

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/guard"
	"mijuan/internal/reply"
	"mijuan/internal/server"
	"mijuan/internal/tus"
)

// uploads is the tus side of the face.
func (f *face) uploads() *http.ServeMux {
	return server.Mount(uploadFace{f}, tus.Routes(Prefix+"/matters", f.Door, f.Shelf, func(w guard.Who) guard.Who { return w }))
}

// uploadFace admits tus requests by the same tokens.
type uploadFace struct{ f *face }

func (u uploadFace) Admit(r *http.Request, auth server.Auth) (guard.Who, error) {
	if auth == server.Public {
		return guard.Who{}, nil
	}
	return u.f.bearer(r)
}

func (u uploadFace) Fail(w http.ResponseWriter, _ *http.Request, err error) { reply.Write(w, err) }

const (
	allUploads = "/matters/{matter}/uploads"
	oneUpload  = "/matters/{matter}/uploads/{upload}"
	tusStream  = "application/offset+octet-stream"
)

// describeUploads puts the tus routes, which huma does not serve, into the description.
func describeUploads(api huma.API) {
	resumable := header("Tus-Resumable", "string", "1.0.0", true)
	checksum := header("Upload-Checksum", "string", "sha256, a space and the base64 of these bytes' SHA-256", false)
	for _, op := range []huma.Operation{
		upload(huma.Operation{OperationID: "begin-upload", Method: http.MethodPost, Path: allUploads, Summary: "Begin an upload, with its first bytes if they are there"},
			answer(http.StatusCreated, "Begun; Location is the upload", "Location", "Upload-Offset"), resumable, checksum,
			header("Upload-Length", "integer", "Bytes of the whole file", true),
			header("Upload-Metadata", "string", "filename and not_state_secret (\"yes\"), each with a base64 value, separated by a comma", true)),
		upload(huma.Operation{OperationID: "append-upload", Method: http.MethodPatch, Path: oneUpload, Summary: "Send the bytes from an offset on"},
			answer(http.StatusNoContent, "Taken", "Upload-Offset"), resumable, checksum, header("Upload-Offset", "integer", "As the last answer said", true)),
		upload(huma.Operation{OperationID: "find-upload", Method: http.MethodHead, Path: oneUpload, Summary: "How far an upload is"},
			answer(http.StatusOK, "There", "Upload-Offset", "Upload-Length"), resumable),
		upload(huma.Operation{OperationID: "get-upload", Method: http.MethodGet, Path: oneUpload, Summary: "What the checks found, for the form that follows"},
			described(api, reflect.TypeFor[uploadBody]())),
		upload(huma.Operation{OperationID: "withdraw-upload", Method: http.MethodDelete, Path: oneUpload, Summary: "Take an upload back before it is filed"},
			answer(http.StatusNoContent, "Withdrawn"), resumable),
	} {
		for _, status := range []string{"401", "403", "404", "409", "413", "422", "503"} {
			op.Responses[status] = &huma.Response{Description: "A problem", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problemSchema(api)}}}
		}
		api.OpenAPI().AddOperation(&op)
	}
}

// upload completes the description of a tus operation.
func upload(op huma.Operation, responses map[string]*huma.Response, headers ...*huma.Param) huma.Operation {
	op.Tags, op.Security, op.Responses = []string{"uploads"}, []map[string][]string{{"token": {}}}, responses
	op.Parameters = append([]*huma.Param{place("matter")}, headers...)
	if op.Path == oneUpload {
		op.Parameters = append(op.Parameters, place("upload"))
	}
	if op.Method == http.MethodPost || op.Method == http.MethodPatch {
		op.RequestBody = &huma.RequestBody{Required: op.Method == http.MethodPatch,
			Content: map[string]*huma.MediaType{tusStream: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}
		responses["412"] = &huma.Response{Description: "Another version of tus is meant"}
		responses["460"] = &huma.Response{Description: "The bytes are not those of the checksum; none was kept"}
	}
	return op
}

func place(name string) *huma.Param {
	most := 64
	return &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: "string", MaxLength: &most}}
}

func header(name, kind, doc string, required bool) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: doc, Required: required, Schema: &huma.Schema{Type: kind}}
}

func answer(status int, doc string, headers ...string) map[string]*huma.Response {
	r := &huma.Response{Description: doc, Headers: map[string]*huma.Param{}}
	for _, h := range headers {
		r.Headers[h] = &huma.Param{Schema: &huma.Schema{Type: "string"}}
	}
	return map[string]*huma.Response{strconv.Itoa(status): r}
}

func described(api huma.API, t reflect.Type) map[string]*huma.Response {
	schema := api.OpenAPI().Components.Schemas.Schema(t, true, "Upload")
	return map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}}
}

func problemSchema(api huma.API) *huma.Schema {
	return api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[reply.Problem](), true, "Problem")
}
