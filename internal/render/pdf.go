package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// engine is PDFium as WebAssembly. Each document gets an instance with a memory of its own, so that a document that breaks out of
// PDFium's bounds finds nothing of another.
type engine struct{ pool pdfium.Pool }

const wasmPage = 64 << 10

// newEngine loads PDFium. With a warm cache directory (0700: it holds native code) this takes a tenth of a second, without
// some seconds. memory bounds what one document may use.
func newEngine(cacheDir string, memory int64) (*engine, error) {
	settings := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(uint32(memory / wasmPage))
	if cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return nil, fmt.Errorf("open the cache of compiled code: %w", err)
		}
		settings = settings.WithCompilationCache(cache)
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context: context.Background(), MaxTotal: 16, RuntimeConfig: settings,
		FSConfig: wazero.NewFSConfig().WithFSMount(fontFS{}, "/"), Stdout: io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("load PDFium: %w", err)
	}
	return &engine{pool}, nil
}

// portable is an open PDF.
type portable struct {
	lib   pdfium.Pdfium
	src   *source
	doc   references.FPDF_DOCUMENT
	form  references.FPDF_FORMHANDLE // "" without form fields
	count int
}

func (e *engine) open(src *source) (document, error) {
	lib, err := e.pool.GetInstance(10 * time.Second)
	if err != nil {
		return nil, fmt.Errorf("start an instance of PDFium: %w", err)
	}
	p := &portable{lib: lib, src: src}
	if err := p.open(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *portable) open() error {
	opened, err := p.lib.OpenDocument(&requests.OpenDocument{FileReader: p.src.reader(), FileReaderSize: p.src.size})
	if err != nil {
		return p.failed(err)
	}
	p.doc = opened.Document
	count, err := p.lib.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: p.doc})
	if err != nil {
		return p.failed(err)
	}
	if p.count = count.PageCount; p.count < 1 {
		return p.failed(errors.New("a document without pages"))
	}
	return p.openForm()
}

// openForm prepares the drawing of form fields; signatures show in them.
func (p *portable) openForm() error {
	kind, err := p.lib.FPDF_GetFormType(&requests.FPDF_GetFormType{Document: p.doc})
	if err != nil || kind.FormType == enums.FPDF_FORMTYPE_NONE {
		return p.failed(err)
	}
	form, err := p.lib.FPDFDOC_InitFormFillEnvironment(&requests.FPDFDOC_InitFormFillEnvironment{Document: p.doc, FormFillInfo: structs.FPDF_FORMFILLINFO{
		FFI_Invalidate:         func(references.FPDF_PAGE, float64, float64, float64, float64) {},
		FFI_SetCursor:          func(enums.FXCT) {},
		FFI_SetTimer:           func(int, func(int)) int { return 0 },
		FFI_KillTimer:          func(int) {},
		FFI_GetLocalTime:       func() structs.FPDF_SYSTEMTIME { return structs.FPDF_SYSTEMTIME{} },
		FFI_GetPage:            func(references.FPDF_DOCUMENT, int) *references.FPDF_PAGE { return nil },
		FFI_GetRotation:        func(references.FPDF_PAGE) enums.FPDF_PAGE_ROTATION { return 0 },
		FFI_ExecuteNamedAction: func(string) {},
	}})
	if err != nil {
		return p.failed(err)
	}
	p.form = form.FormHandle
	return nil
}

// failed tells whose fault an error is: the source's, the password's, or the file's.
func (p *portable) failed(err error) error {
	switch {
	case err == nil:
		return nil
	case p.src.failed:
		return errSource
	case errors.Is(err, pdferrors.ErrPassword), errors.Is(err, pdferrors.ErrSecurity):
		return fail(encrypted, err)
	}
	return fail(broken, err)
}

func (p *portable) pages() int { return p.count }

func (p *portable) close() { _ = p.lib.Close() } // drops the instance with all its memory; nothing could be done about an error

func (p *portable) page(n int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: p.doc, Index: n}}
}

func (p *portable) size(n int) (w, h float64, err error) {
	s, err := p.lib.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: p.doc, Index: n})
	if err != nil {
		return 0, 0, p.failed(err)
	}
	return s.Width, s.Height, nil
}

const opaqueWhite = 0xffffffff

func (p *portable) draw(n, w, h int) (*raster, error) {
	made, err := p.lib.FPDFBitmap_CreateEx(&requests.FPDFBitmap_CreateEx{Width: w, Height: h, Format: enums.FPDF_BITMAP_FORMAT_BGRX, Pointer: uint64(0)})
	if err != nil {
		return nil, p.failed(err)
	}
	defer func() { _, _ = p.lib.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: made.Bitmap}) }()
	if err := p.paint(made.Bitmap, n, w, h); err != nil {
		return nil, p.failed(err)
	}
	stride, err := p.lib.FPDFBitmap_GetStride(&requests.FPDFBitmap_GetStride{Bitmap: made.Bitmap})
	if err != nil {
		return nil, p.failed(err)
	}
	pixels, err := p.lib.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: made.Bitmap})
	if err != nil || p.src.failed || len(pixels.Buffer) < h*stride.Stride || stride.Stride < 4*w {
		return nil, p.failed(errors.Join(err, errors.New("no pixels")))
	}
	return fromBGRX(pixels.Buffer, w, h, stride.Stride), nil
}

// paint draws the page, its annotations and its form fields on white.
func (p *portable) paint(b references.FPDF_BITMAP, n, w, h int) error {
	if _, err := p.lib.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: b, Width: w, Height: h, Color: opaqueWhite}); err != nil {
		return err
	}
	if _, err := p.lib.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{Bitmap: b, Page: p.page(n), SizeX: w, SizeY: h,
		Flags: enums.FPDF_RENDER_FLAG_ANNOT}); err != nil || p.form == "" {
		return err
	}
	_, err := p.lib.FPDF_FFLDraw(&requests.FPDF_FFLDraw{FormHandle: p.form, Bitmap: b, Page: p.page(n), SizeX: w, SizeY: h, Flags: enums.FPDF_RENDER_FLAG_ANNOT})
	return err
}

func (p *portable) text(n int) (string, error) {
	t, err := p.lib.GetPageText(&requests.GetPageText{Page: p.page(n)})
	if err != nil {
		return "", p.failed(err)
	}
	return t.Text, p.failed(p.sourceError())
}

func (p *portable) sourceError() error {
	if p.src.failed {
		return errSource
	}
	return nil
}
