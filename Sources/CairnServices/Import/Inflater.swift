internal import CZlib

/// Unpacks gzip data of one or more members, chunk by chunk.
final class Inflater {
    /// On the heap, because zlib keeps the address of this struct and compares it.
    private let stream: UnsafeMutablePointer<z_stream>
    private var memberEnded = false

    /// How a step ended.
    enum Step {
        /// So many bytes were unpacked; there may be more in the same input.
        case unpacked(Int)
        /// Nothing comes any more from this input.
        case needsInput
        case damaged(message: String)
    }

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for "gzip header and trailer, nothing else".
        let code = inflateInit2_(
            stream,
            15 + 16,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(code == Z_OK, "zlib refuses to start: out of memory or another version")
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Whether the input may end here.
    var isComplete: Bool { memberEnded }

    /// Points at packed bytes, which must stay in place until a step asks for input.
    func take(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
        stream.pointee.next_in = bytes.baseAddress
        stream.pointee.avail_in = UInt32(bytes.count)
    }

    /// Unpacks what fits into a buffer.
    func step(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Step {
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(buffer.count)
        while stream.pointee.avail_out > 0 {
            if memberEnded {
                skipPadding()
                guard stream.pointee.avail_in > 0 else { break }
                inflateReset(stream)
                memberEnded = false
            }
            switch inflate(stream, Z_NO_FLUSH) {
            case Z_OK: continue
            case Z_STREAM_END: memberEnded = true
            case Z_BUF_ERROR: return finish(buffer)
            default: return .damaged(message: stream.pointee.msg.map { String(cString: $0) } ?? "")
            }
        }
        return finish(buffer)
    }

    private func finish(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> Step {
        let count = buffer.count - Int(stream.pointee.avail_out)
        return count == 0 ? .needsInput : .unpacked(count)
    }

    /// Zero bytes between and after members, as tapes and block devices leave them.
    private func skipPadding() {
        while stream.pointee.avail_in > 0, let next = stream.pointee.next_in, next.pointee == 0 {
            stream.pointee.next_in = next + 1
            stream.pointee.avail_in -= 1
        }
    }
}
