package person

import (
	"context"
	"testing"

	"mijuan/internal/storetest"
)

// What every request pays before anything is decided.
func BenchmarkAuthenticate(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine.String(), func(b *testing.B) {
			o := newOffice(b, engine, Settings{})
			o.join("mixun", "宓洵", "lawyer")
			token := o.login("mixun").Token
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, _, err := o.Authenticate(context.Background(), token, desk.Addr); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
