public import Foundation

/// A folder for the files of one test, removed with it.
public final class ScratchFolder: Sendable {
    public let path: String

    public var url: URL { URL(fileURLWithPath: path, isDirectory: true) }

    public init() throws {
        let name = "cairn-test-\(UUID().uuidString)"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A path inside the folder.
    public func path(_ name: String) -> String { path + "/" + name }

    /// The names of what is in it.
    public func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
    }

    /// Writes a file and says its path.
    @discardableResult
    public func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// Writes a text file and says its path.
    @discardableResult
    public func file(_ name: String, _ text: String) throws -> String {
        try file(name, text.utf8)
    }

    /// Removes a file or a folder with all that is in it.
    public func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: path(name))
    }

    /// Reads a file back.
    public func data(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path(name)))
    }

    /// Reads a text file back.
    public func text(_ name: String) throws -> String {
        String(decoding: try data(name), as: UTF8.self)
    }
}
