// Package protocol is the wire that poolbench's clients and servers speak, both
// sides of it. It knows no files and no pools.
//
// One TCP connection carries one request. The server closes the connection
// after its last byte.
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
// A header, which is a request or an answer with its end, is UTF-8 of at most
// [MaxHeader] bytes and has no control characters but TAB. Words of a request
// behind those above are ignored, so that either side can be extended. The verb
// is case-insensitive. A name is reduced to what follows its last slash.
//
// An UPLOAD is answered with ready, then its payload is read: size bytes of
// standard padded Base64, which the client may also send at once behind the
// request, in the same segment. Then comes complete. GET and STATS are answered
// with sized and that many raw bytes. Any of these answers may be an error
// instead.
//
// # What is an extension
//
// STATS, the word crc32c= and some errors (see [StatusError]) are extensions. A
// server that does not know them ignores the word and answers STATS with
// "ERROR Unknown command".
//
// # The Base64 decoder
//
// [PayloadReader] accepts what encoding/base64's StdEncoding.Strict accepts when
// it is given the whole payload at once: CR and LF are skipped wherever they
// stand, padding ends the data, bits that no byte needs are zero. Fuzzing holds
// it to that. It is not built on base64.NewDecoder, which decodes 1 KiB at a
// time, counts error offsets from its own buffer, and takes "QUI=QUI=" for an
// error or for "ABAB" depending on how the bytes were split into reads: TCP
// would decide an upload's fate.
//
// Instead a state machine takes one character after the other and is the
// authority, and where a run of whole groups without line breaks and padding
// lies ahead, which is nearly always, a SIMD decoder does the run. That decoder
// is fast but neither skips line breaks at speed nor says where an error is; it
// is trusted only with how many groups it decoded.
package protocol
