import Glibc

/// Something that must not stand in some of the files, and what to write instead.
struct BannedText: CustomStringConvertible, Sendable {
    let text: String
    let instead: String
    /// Beginnings of the paths that the rule is about.
    let folders: [String]
    /// Beginnings of paths that the rule leaves alone, each with the reason.
    var exceptions: [String: String] = [:]
    /// Whether comments and literals count, too.
    var isAlsoInComments = false

    var description: String { text }

    /// Every place in a file where the text stands as a word of its own.
    func findings(in file: SourceFile) -> [Finding] {
        guard file.isUnder(folders), !file.isUnder(Array(exceptions.keys)),
            strstr(file.text, text) != nil
        else { return [] }
        let lines = isAlsoInComments ? file.lines.map(String.init) : file.code
        return lines.enumerated().filter { contains($0.element) }.map { index, _ in
            Finding(
                path: file.path,
                line: index + 1,
                advice: "\(text) is banned, use \(instead)"
            )
        }
    }

    private func contains(_ line: String) -> Bool {
        line.ranges(of: text).contains { range in
            let before = line[..<range.lowerBound].last
            let after = line[range.upperBound...].first
            return !(Self.isWord(before) && Self.isWord(text.first))
                && !(Self.isWord(text.last) && Self.isWord(after))
        }
    }

    private static func isWord(_ character: Character?) -> Bool {
        guard let character else { return false }
        return character.isLetter || character.isNumber || character == "_"
    }
}

extension BannedText {
    static let all: [BannedText] = unfinished + traps + concurrency + impurity + unsafety + paths

    private static let sources = ["Sources/", "Benchmarks/"]

    /// Each is put together from pieces, so that this file does not break its own rules.
    private static let unfinished = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].map {
        BannedText(
            text: $0,
            instead: "an issue, or a comment that names the condition that ends it",
            folders: ["Sources/", "Tests/", "Benchmarks/", "Specs/", ".ci/"],
            isAlsoInComments: true
        )
    }

    private static let traps = [
        BannedText(
            text: "fatalError",
            instead: "a typed error, or precondition with a message for a programmer's error",
            folders: sources
        ),
        BannedText(text: "try!", instead: "try with a typed error", folders: sources),
        BannedText(text: "as!", instead: "as? and a typed error", folders: sources),
        BannedText(text: "unowned", instead: "a strong or weak reference", folders: sources),
    ]

    private static let concurrency = [
        BannedText(
            text: "@unchecked Sendable",
            instead: "Mutex or a value type",
            folders: ["Sources/", "Tests/"],
            exceptions: ["Sources/CairnLMDB/": "wraps handles whose threads LMDB prescribes"]
        ),
        BannedText(
            text: "nonisolated(unsafe)",
            instead: "Mutex or a value type",
            folders: ["Sources/", "Tests/"],
            exceptions: ["Sources/CairnLMDB/": "wraps handles whose threads LMDB prescribes"]
        ),
    ]

    /// Law 2: nothing that a machine computes may depend on where and when it runs.
    private static let impurity: [BannedText] = [
        ("import Foundation", "the types of CairnCore"),
        ("import Dispatch", "a synchronous function"),
        ("Date(", "the instant in the turn's context"),
        ("Timestamp.now(", "the instant in the turn's context"),
        ("ContinuousClock", "the instant in the turn's context"),
        ("SuspendingClock", "the instant in the turn's context"),
        ("clock_gettime", "the instant in the turn's context"),
        ("UUID(", "the seed in the turn's context"),
        ("random(", "the seed in the turn's context"),
        ("shuffled(", "the seed in the turn's context"),
        ("randomElement(", "the seed in the turn's context"),
        ("SystemRandomNumberGenerator", "the seed in the turn's context"),
        ("Locale", "bytes and ASCII rules"),
        ("TimeZone", "UTC"),
        ("getenv", "an argument"),
        ("Task", "a synchronous function"),
        ("await", "a synchronous function"),
        ("hashValue", "a canonical digest: hash values differ from run to run"),
    ].map { text, instead in
        BannedText(
            text: text,
            instead: instead,
            folders: ["Sources/CairnCore/", "Sources/CairnDomains/"]
        )
    }

    private static let unsafety: [BannedText] = [
        "unsafe", "UnsafeRawPointer", "UnsafeMutableRawPointer", "UnsafePointer",
        "UnsafeMutablePointer", "UnsafeRawBufferPointer", "UnsafeMutableRawBufferPointer",
        "UnsafeBufferPointer", "UnsafeMutableBufferPointer", "OpaquePointer", "Unmanaged",
        "withUnsafeBytes", "withUnsafeMutableBytes", "withUnsafeBufferPointer",
        "withUnsafeMutableBufferPointer", "withUnsafePointer", "withUnsafeMutablePointer",
        "withUnsafeTemporaryAllocation", "unsafeLoad", "unsafeLoadUnaligned", "unsafeBitCast",
        "unsafeDowncast", "unsafelyUnwrapped", "withUTF8",
    ].map { text in
        BannedText(
            text: text,
            instead: "Span, RawSpan and the loads of RawSpan+Loading.swift",
            folders: ["Sources/"],
            exceptions: unsafeFiles
        )
    }

    /// Everywhere outside CairnLMDB that memory is touched without the compiler's proof.
    ///
    /// Each is an edge to C, to a hash function, or a load that was measured.
    private static let unsafeFiles = [
        "Sources/CairnLMDB/": "the edge to LMDB, under strict memory safety",
        "Sources/CairnCore/RawSpan+Loading.swift": "loads of integers, bounds-checked by RawSpan",
        "Sources/CairnCore/FrameEncoding.swift": "stores of integers into a frame's fixed part",
        "Sources/CairnCore/ByteWriter.swift": "stores of integers, through their own bytes",
        "Sources/CairnCore/SHA256.swift": "the edge to the hash function",
        "Sources/CairnCore/ExactText.swift": "hashes a name's bytes without copying them",
        "Sources/CairnServices/Import/InputFile.swift": "lends read(2) its callers' memory",
        "Sources/CairnServices/Import/InputBytes.swift": "the edge to read(2)",
        "Sources/CairnServices/Import/TemporaryFile.swift": "the edge to read(2) and write(2)",
        "Sources/CairnServices/Import/Inflater.swift": "the edge to zlib",
        "Sources/CairnServices/Import/LineReader.swift": "finds line ends with memchr(3)",
        "Sources/CairnServices/Import/XMLPushParser.swift": "the edge to the XML parser in C",
        "Sources/CairnServices/SystemCalls.swift": "the edge to read(2) and write(2)",
    ]

    private static let paths = ["/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/"].map {
        BannedText(
            text: $0,
            instead: "a path relative to the package, or a temporary folder",
            folders: ["Sources/", "Tests/", "Benchmarks/", "Specs/", ".ci/"],
            isAlsoInComments: true
        )
    }
}
