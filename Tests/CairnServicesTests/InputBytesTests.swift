import CairnTestSupport
import Testing

@testable import CairnServices

struct InputBytesTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func contents(_ path: String) throws -> [UInt8] {
        let input = try InputBytes(path: path)
        var all: [UInt8] = []
        var chunk: [UInt8] = []
        while try input.next(into: &chunk) {
            #expect(chunk.count <= 2 * InputBytes.chunkByteCount)
            all += chunk
        }
        return all
    }

    @Test(arguments: [0, 1, 2, 4_095, 4_096, 65_536, 65_537, 300_000])
    func `packed and plain bytes are the same bytes`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
        #expect(try contents(scratch.file("plain", bytes)) == bytes)
        #expect(try contents(scratch.file("packed", gzip(bytes))) == bytes)
    }

    @Test func `members of a gzip file follow each other, with padding between them`() throws {
        let packed = gzip(Array("one,".utf8)) + [0, 0] + gzip([]) + gzip(Array("two".utf8)) + [0]
        #expect(try contents(scratch.file("members", packed)) == Array("one,two".utf8))
    }

    @Test func `half a gzip file is an error after what could be unpacked`() throws {
        let whole = gzip((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) })
        let path = try scratch.file("half", Array(whole[..<(whole.count / 2)]))
        let error = ImportError(source: path, reason: .truncatedGzip)
        #expect(throws: error) { try contents(path) }
        #expect(
            error.description
                == "\(path): the gzip data ends too early: part of the file is missing"
        )
    }

    @Test func `a flipped bit in a gzip file is an error`() throws {
        var packed = gzip((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) })
        packed[packed.count - 6] ^= 1
        let path = try scratch.file("flipped", packed)
        let error = #expect(throws: ImportError.self) { try contents(path) }
        guard case .damagedGzip? = error?.reason else {
            Issue.record("not reported as damage: \(String(describing: error))")
            return
        }
    }

    @Test func `a file that is not there and a folder are told apart`() throws {
        let missing = "\(scratch.path)/missing"
        #expect(throws: ImportError(source: missing, reason: .notFound)) { try contents(missing) }
        #expect(throws: ImportError(source: scratch.path, reason: .isFolder)) {
            try contents(scratch.path)
        }
    }

    @Test func `lines end with a line feed, with a carriage return or with the file`() throws {
        let path = try scratch.file("lines", "\u{FEFF}one\r\n\ntwo\rthree\nlast")
        var lines = LineReader(try InputBytes(path: path))
        var line: [UInt8] = []
        var found: [String] = []
        while try lines.next(into: &line) != nil {
            found.append(String(decoding: line, as: UTF8.self))
        }
        #expect(found == ["one", "", "two\rthree", "last"])
        #expect(lines.number == 4)
    }

    @Test func `a line beyond the limit is passed over and the next one is read`() throws {
        let long = [UInt8](repeating: 65, count: LineReader.rowByteCountMax + 1)
        let path = try scratch.file("long", Array("a\n".utf8) + long + Array("\nb\n".utf8))
        var lines = LineReader(try InputBytes(path: path))
        var line: [UInt8] = []
        #expect(try lines.next(into: &line) == .complete)
        #expect(try lines.next(into: &line) == .tooLong)
        #expect(line.isEmpty)
        #expect(try lines.next(into: &line) == .complete)
        #expect(line == [98])
        #expect(try lines.next(into: &line) == nil)
    }
}
