// Calls one function nine times as often as its twin.
package main

import (
	"math"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

var sink float64

//go:noinline
func hotFunction() {
	for i := 0; i < 20000; i++ {
		sink += math.Sqrt(float64(i)*sink + 1)
	}
}

//go:noinline
func otherFunction() {
	for i := 0; i < 20000; i++ {
		sink += math.Sqrt(float64(i)*sink + 1)
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		os.Exit(1)
	}
	go http.Serve(listener, nil)
	os.Stdout.WriteString("ready\n")
	for {
		sink = 0
		for i := 0; i < 50; i++ {
			if i%10 == 0 {
				otherFunction()
			} else {
				hotFunction()
			}
		}
		time.Sleep(4 * time.Millisecond)
	}
}
