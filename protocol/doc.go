// Package protocol is both sides of the wire that poolbench's clients and servers speak.
// It opens no files and no sockets.
//
// One TCP connection carries one request. The server closes the connection after its
// last byte.
//
//	exchange = request [ payload ] , answer(s) ;
//
//	request  = ( upload | get | stats ) , end ;
//	upload   = "UPLOAD" , gap , name , gap , size , [ gap , "crc32c=" , 8 * hexdigit ] ;
//	get      = "GET" , gap , name ;
//	stats    = "STATS" , gap , "json" ;
//
//	answer   = ( ready | complete | sized | error ) , end ;
//	ready    = "OK Ready to receive" ;
//	complete = "OK Upload complete" ;
//	sized    = "OK" , gap , size ;
//	error    = "ERROR" , gap , text ;
//
//	end      = CR , LF , CR , LF ;
//	gap      = one or more of SPACE and TAB ;
//	size     = digit , { digit } ;
//	name     = one or more characters, neither SPACE, TAB nor a control character ;
//
// A header is a request or an answer with its end. It is UTF-8 of at most [MaxHeader]
// bytes, without control characters but TAB. Further words of a request are ignored, so
// that either side can be extended. The verb is case-insensitive. A name is reduced to
// what follows its last slash.
//
// The answer to UPLOAD is ready. Then the server reads the payload, size bytes of
// standard padded Base64, and answers complete. The client may send the payload at once,
// without waiting for ready. The answer to GET and STATS is sized, followed by that many
// raw bytes. Any answer may be an error instead.
//
// # Extensions
//
// STATS, the word crc32c= and some errors (see [StatusError]) are extensions. A server
// that does not know them ignores the word, and answers STATS with
// "ERROR Unknown command".
//
// # The Base64 decoder
//
// [PayloadReader] accepts what StdEncoding.Strict of encoding/base64 accepts when given
// the whole payload at once: CR and LF are skipped anywhere, padding ends the data, and
// bits that belong to no byte are zero. A fuzz test compares the two. base64.NewDecoder
// will not do: it decodes 1 KiB at a time, counts error offsets from its own buffer, and
// takes "QUI=QUI=" for an error or for "ABAB" depending on how the bytes were split into
// reads. TCP would decide an upload's fate.
//
// The authority is a state machine that takes one character at a time. Runs of whole
// groups without line breaks and padding, which is nearly everything, go to a SIMD
// decoder. It is fast, but slow at line breaks and silent about where an error is, so it
// is trusted only with how many groups it decoded.
package protocol
