import Foundation

@testable import CairnLMDB

/// The bytes of a data file, to be damaged and written to a folder of their own.
struct FileImage: Sendable {
    var bytes: [UInt8]
    static let pageByteCount = 4_096

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads the data file of a journal.
    init(journal path: String) throws {
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb")))
    }

    var pageCount: Int { bytes.count / Self.pageByteCount }

    func page(_ number: Int) -> ArraySlice<UInt8> {
        bytes[number * Self.pageByteCount..<(number + 1) * Self.pageByteCount]
    }

    mutating func replace(_ offset: Int, with new: some Collection<UInt8>) {
        bytes.replaceSubrange(offset..<offset + new.count, with: new)
    }

    mutating func zeroPage(_ number: Int) {
        replace(
            number * Self.pageByteCount,
            with: [UInt8](repeating: 0, count: Self.pageByteCount)
        )
    }

    func load<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type,
        at offset: Int
    ) -> Integer {
        bytes.load(type, at: offset)
    }

    /// The slot of the meta page with the newer transaction.
    var newestMeta: Int {
        load(UInt64.self, at: 144) > load(UInt64.self, at: Self.pageByteCount + 144) ? 0 : 1
    }

    /// Writes the image as the data file of a folder, and gives the folder's path.
    @discardableResult
    func write(to path: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/data.mdb"))
        return path
    }
}

/// An image on disk of which single bytes are changed and changed back.
final class MutableFile {
    let path: String
    private let image: FileImage
    private let handle: FileHandle

    init(_ image: FileImage, at path: String) throws {
        self.image = image
        self.path = try image.write(to: path)
        handle = try FileHandle(forUpdating: URL(fileURLWithPath: path + "/data.mdb"))
    }

    deinit { try? handle.close() }

    /// Runs the body with one byte changed.
    func withByte<Result>(
        _ offset: Int,
        changedBy mask: UInt8,
        _ body: () throws -> Result
    ) throws -> Result {
        try put(image.bytes[offset] ^ mask, at: offset)
        defer { try? put(image.bytes[offset], at: offset) }
        return try body()
    }

    private func put(_ byte: UInt8, at offset: Int) throws {
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: [byte])
    }
}
