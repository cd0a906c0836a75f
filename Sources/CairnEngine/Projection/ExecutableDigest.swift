internal import CairnCore
internal import CairnJournal
internal import Glibc

/// What this build of the program is known by.
enum ExecutableDigest {
    /// SHA-256 of the program's file, read once; of nothing where it cannot be read, and then one
    /// build is not told from another.
    static let value: ContentDigest = {
        let content = bytes(of: "/proc/self/exe")
        return ContentDigest(type: "executable", content: content.span.bytes)
    }()

    private static func bytes(of path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { _ = close(file) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(file, &chunk, chunk.count)
            guard count > 0 else { return content }
            content += chunk[..<count]
        }
    }
}

extension Projection {
    /// The tables of these rules: by name, version, definition, the way keys and values are
    /// written, and the program's build unless the rules say that their version is enough.
    var table: ProjectionTable {
        var writer = ByteWriter(capacity: 128 + definition.count)
        writer.littleEndian(version)
        writer.text("\(Self.self)")
        writer.text("\(Key.self)")
        writer.text("\(Value.self)")
        writer.blob(definition)
        if !isKnownByVersion { writer.raw(ExecutableDigest.value.bytes) }
        return ProjectionTable(
            name: name,
            fingerprint: ContentDigest(type: name, content: writer.finish().span.bytes)
        )
    }
}
