/// The failures of the past, kept in files beside the tests and run before anything else.
///
/// Give one to ``PropertySettings``: each property has a file of its own in the folder, with one
/// token a line. What fails is made as simple as possible and added to it; what does not fail any
/// more stays, because it is a regression test. Commit the folder, and exclude it from the target in
/// the manifest of the package.
///
/// ```swift
/// let settings = PropertySettings(corpus: .beside())
/// try check("reversing twice changes nothing", settings: settings) { draw in
///     let list = try draw(.array(of: .int()), "list")
///     try draw.expect(list.reversed().reversed(), equals: list)
/// }
/// ```
///
/// Lines that begin with `#` are comments: the first one is the property, and others say what a
/// person wants to say. Several tests and processes may use one folder at the same time.
public struct Corpus: Hashable, Sendable {
    /// Where the files are; made with the first failure that is kept.
    public let folder: String
    /// Whether nothing is ever written.
    public let isReadOnly: Bool
    /// How many tokens a property's file may hold; what is found beyond is not kept.
    public let tokenCountMax: Int

    /// Describes a folder of failures.
    ///
    /// - Parameters:
    ///   - folder: Where the files are.
    ///   - isReadOnly: Whether nothing is ever written; nil for what suits a build server, where
    ///     the environment's `CI` is set, and for no one else.
    ///   - tokenCountMax: How many tokens a property's file may hold.
    public init(folder: String, isReadOnly: Bool? = nil, tokenCountMax: Int = 64) {
        self.folder = folder
        self.isReadOnly = isReadOnly ?? CorpusFolder.isBuildServer
        self.tokenCountMax = max(1, tokenCountMax)
    }

    /// The folder `Corpus` beside a source file, which is the caller's.
    public static func beside(_ file: String = #filePath, isReadOnly: Bool? = nil) -> Corpus {
        let end = file.utf8.lastIndex(of: UInt8(ascii: "/"))
        let parent = end.map { String(file[...$0]) } ?? ""
        return Corpus(folder: parent + "Corpus", isReadOnly: isReadOnly)
    }

    /// The path of a property's file, which is there once a failure was kept.
    public func path(of property: String) -> String {
        folder + "/" + CorpusFile.name(of: property)
    }

    /// The tokens that are kept for a property, oldest first.
    ///
    /// - Throws: ``CorpusError``.
    public func tokens(of property: String) throws(CorpusError) -> [String] {
        try file(of: property).tokens.map(\.text)
    }

    /// Keeps a token of a property.
    ///
    /// - Returns: What became of it.
    /// - Throws: ``CorpusError``: the file is then as it was.
    @discardableResult
    public func keep(_ token: String, of property: String) throws(CorpusError) -> CorpusNews {
        let path = path(of: property)
        guard !isReadOnly else {
            let isKnown = try file(of: property).holds(token)
            return isKnown ? .known(path: path) : .readOnly(path: path)
        }
        let open = try CorpusFolder(folder)
        var file = try file(of: property)
        if file.holds(token) { return .known(path: path) }
        guard file.tokens.count < tokenCountMax else { return .full(path: path) }
        try file.append(token)
        try open.replace(CorpusFile.name(of: property), with: file.bytes)
        return .kept(path: path)
    }

    /// The cases that are kept for a property, oldest first.
    func cases(of property: String) throws(CorpusError) -> [ReplayToken] {
        try file(of: property).tokens.map(\.token)
    }

    /// Keeps a failure, and does not let go of it where that fails.
    func news(of failure: MinimalFailure, in property: String) -> CorpusNews {
        do throws(CorpusError) {
            return try keep(failure.token, of: property)
        } catch {
            return .failed(error)
        }
    }

    private func file(of property: String) throws(CorpusError) -> CorpusFile {
        let path = path(of: property)
        return try CorpusFile(try CorpusFolder.bytes(ofFile: path), property: property, path: path)
    }
}

/// What became of a failure that was to be kept.
public enum CorpusNews: Hashable, Sendable {
    /// It was added to the file.
    case kept(path: String)
    /// The file holds it already.
    case known(path: String)
    /// The corpus is read-only, and the file does not hold it.
    case readOnly(path: String)
    /// The file holds as many as it may.
    case full(path: String)
    /// The file cannot be read or written.
    case failed(CorpusError)
}

extension CorpusNews: CustomStringConvertible {
    public var description: String {
        switch self {
        case .kept(let path): "kept in \(path)"
        case .known(let path): "known from \(path)"
        case .readOnly(let path): "not kept in \(path): the corpus is read-only"
        case .full(let path): "not kept in \(path): the file holds as many as it may"
        case .failed(let error): "not kept: \(error)"
        }
    }
}

/// Why a corpus cannot be used.
public enum CorpusError: Error, Hashable, Sendable {
    /// A call of the system failed.
    case failed(call: String, path: String, code: Int32)
    /// The file is larger than any that is written.
    case tooLarge(path: String, byteCountMax: Int)
    /// The file belongs to another property, whose line is this.
    case otherProperty(path: String, found: String)
    /// A line is neither a comment nor a token.
    case malformed(path: String, lineNumber: Int, reason: ReplayTokenError)
}

extension CorpusError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .failed(let call, let path, let code): "\(path): \(call) failed with error \(code)"
        case .tooLarge(let path, let max): "\(path): the file is larger than \(max) bytes"
        case .otherProperty(let path, let found):
            "\(path):1: the file belongs to another property: \(found)"
        case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
        }
    }
}
