import Foundation
import Testing

@testable import CairnTesting

/// Failures that are kept beside the tests.
struct CorpusTests {
    /// Gives a test a folder that does not exist yet, and removes it.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let parent = FileManager.default.temporaryDirectory
            .appendingPathComponent("corpus-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: parent) }
        try body(parent.appendingPathComponent("of/tests").path)
    }

    private static let property = "lists are short: 1/2"

    /// Looks for a list that is too long.
    private func search(_ corpus: Corpus, limit: Int, cases: Int = 500) -> PropertyError? {
        let settings = PropertySettings(caseCountMax: cases, seed: 1, corpus: corpus)
        do {
            try check(Self.property, settings: settings) { draw in
                let list = try draw(.array(of: .int()), "list")
                try draw.expect(list.count < limit)
            }
            return nil
        } catch {
            return error
        }
    }

    private func report(_ error: PropertyError?) throws -> PropertyReport {
        guard case .falsified(let report) = try #require(error) else {
            throw try #require(error)
        }
        return report
    }

    private func text(_ corpus: Corpus) throws -> String {
        try String(contentsOfFile: corpus.path(of: Self.property), encoding: .utf8)
    }

    private func write(_ text: String, _ corpus: Corpus) throws {
        try FileManager.default.createDirectory(
            atPath: corpus.folder,
            withIntermediateDirectories: true
        )
        let data = Data(text.utf8)
        try data.write(to: URL(fileURLWithPath: corpus.path(of: Self.property)))
    }

    @Test func `a failure is kept once, and run first the next time`() throws {
        try withFolder { folder in
            let corpus = Corpus(folder: folder, isReadOnly: false)
            let first = try report(search(corpus, limit: 3))
            let path = corpus.path(of: Self.property)
            #expect(first.corpusNews == [.kept(path: path)])
            #expect(first.description.contains("\n  kept in \(path)\n"))
            let token = first.failures[0].token
            #expect(try text(corpus) == "# \(Self.property)\n\(token)\n")
            let second = try report(search(corpus, limit: 3))
            #expect(second.corpusNews == [.known(path: path)])
            #expect(second.passedCount == 0)
            #expect(try corpus.tokens(of: Self.property) == [token])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
        }
    }

    @Test func `what does not fail any more stays and is run`() throws {
        try withFolder { folder in
            let corpus = Corpus(folder: folder, isReadOnly: false)
            _ = try report(search(corpus, limit: 3))
            let before = try text(corpus)
            #expect(search(corpus, limit: .max) == nil)
            #expect(try text(corpus) == before)
            var first: [Int]?
            let settings = PropertySettings(caseCountMax: 1, seed: 1, corpus: corpus)
            try check(Self.property, settings: settings) { draw in
                let list = try draw(.array(of: .int()))
                first = first ?? list
            }
            #expect(first == [0, 0, 0])
        }
    }

    @Test func `every form of a check takes it`() async throws {
        let settings = PropertySettings(
            seed: 1,
            corpus: Corpus(folder: "/dev/null/corpus", isReadOnly: true)
        )
        let step = Rule<Int>("step") { number, _ in number += 1 }
        let wait = AsyncRule<Int>("step") { number, _ in number += 1 }
        let error = #expect(throws: PropertyError.self) {
            try check("it holds", startingWith: 0, rules: [step], settings: settings)
        }
        #expect(error?.description.contains("/dev/null/corpus/it-holds-") == true)
        await #expect(throws: PropertyError.self) {
            try await check("it holds", startingWith: 0, rules: [wait], settings: settings)
        }
        await #expect(throws: PropertyError.self) {
            try await check("it holds", settings: settings) { _ in await Task.yield() }
        }
    }

    @Test func `a read-only corpus is run and never written`() throws {
        try withFolder { folder in
            let corpus = Corpus(folder: folder, isReadOnly: true)
            let path = corpus.path(of: Self.property)
            let found = try report(search(corpus, limit: 3))
            #expect(found.corpusNews == [.readOnly(path: path)])
            #expect(!FileManager.default.fileExists(atPath: folder))
            try Corpus(folder: folder, isReadOnly: false)
                .keep(found.failures[0].token, of: Self.property)
            #expect(try report(search(corpus, limit: 3)).corpusNews == [.known(path: path)])
        }
    }

    @Test func `what a person wrote is kept, whatever its ends of lines are`() throws {
        try withFolder { folder in
            let corpus = Corpus(folder: folder, isReadOnly: false)
            let empty = ReplayToken([]).text
            let text = "# \(Self.property)\r\n\r\n# the incident of May\r\n\(empty)"
            try write(text, corpus)
            let found = try report(search(corpus, limit: 3))
            let tokens = [empty, found.failures[0].token]
            #expect(try corpus.tokens(of: Self.property) == tokens)
            #expect(try self.text(corpus) == "\(text)\n\(tokens[1])\n")
        }
    }

    @Test func `a foreign line is an error that names its place`() throws {
        try withFolder { folder in
            let corpus = Corpus(folder: folder, isReadOnly: false)
            let token = ReplayToken([.bool(true)]).text
            try write("# \(Self.property)\n\(token)\n\nhello!\n", corpus)
            let path = corpus.path(of: Self.property)
            guard case .corpus(Self.property, let error) = search(corpus, limit: 3) else {
                Issue.record("the line was read")
                return
            }
            #expect(error == .malformed(path: path, lineNumber: 4, reason: .notBase64URL))
            #expect(error.description == "\(path):4: the token is not base64url")
            try write("# something else\n", corpus)
            #expect(throws: CorpusError.otherProperty(path: path, found: "# something else")) {
                try corpus.tokens(of: Self.property)
            }
            #expect(throws: CorpusError.self) { try corpus.keep(token, of: Self.property) }
            #expect(try text(corpus) == "# something else\n")
        }
    }

    @Test func `a full file and one that cannot be written do not hide the failure`() throws {
        try withFolder { folder in
            let small = Corpus(folder: folder, isReadOnly: false, tokenCountMax: 1)
            try small.keep(ReplayToken([]).text, of: Self.property)
            let path = small.path(of: Self.property)
            #expect(try report(search(small, limit: 3)).corpusNews == [.full(path: path)])
            try FileManager.default.createDirectory(
                atPath: "\(folder)/.\(CorpusFile.name(of: Self.property)).draft",
                withIntermediateDirectories: false
            )
            let large = Corpus(folder: folder, isReadOnly: false)
            let news = try report(search(large, limit: 3)).corpusNews
            guard case .failed(.failed(call: "open", _, _)) = news.first else {
                Issue.record("\(news)")
                return
            }
        }
    }

    @Test func `many who keep at once lose nothing`() async throws {
        let parent = FileManager.default.temporaryDirectory
            .appendingPathComponent("corpus-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: parent) }
        let corpus = Corpus(folder: parent.path, isReadOnly: false, tokenCountMax: 1_000)
        let tokens = (0..<40).map { ReplayToken([.integer(Int128($0 / 2))]).text }
        try await withThrowingTaskGroup { group in
            for token in tokens { group.addTask { try corpus.keep(token, of: "one") } }
            try await group.waitForAll()
        }
        #expect(try corpus.tokens(of: "one").sorted() == Set(tokens).sorted())
    }

    @Test func `names are safe for any file system and never meet`() throws {
        #expect(CorpusFile.name(of: "") == "cbf29ce484222325.txt")
        #expect(CorpusFile.name(of: "A/B..\0c").hasPrefix("a-b-c-"))
        #expect(CorpusFile.name(of: "Ab") != CorpusFile.name(of: "ab"))
        let settings = PropertySettings(caseCountMax: 500, seed: 1)
        try check("names are safe", settings: settings) { draw in
            let name = CorpusFile.name(of: try draw(.text(), "property"))
            let isSafe = name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == 0x2D || byte == 0x2E
            }
            try draw.expect(isSafe && name.utf8.count <= 90 && !name.hasPrefix("."), { name }())
        }
    }

    @Test func `any name's file is read as it was written`() throws {
        let settings = PropertySettings(caseCountMax: 500, seed: 1)
        let token = ReplayToken([.bool(true)]).text
        try check("files are read as they were written", settings: settings) { draw in
            let property = try draw(.text(), "property")
            var file = try CorpusFile(nil, property: property, path: "p")
            try file.append(token)
            let again = try CorpusFile(file.bytes, property: property, path: "p")
            try draw.expect(again.tokens.map(\.text), equals: [token])
        }
    }

    @Test func `a folder beside a source is named by the source's path`() {
        #expect(Corpus.beside("/a/b/Tests.swift").folder == "/a/b/Corpus")
        #expect(Corpus.beside("Tests.swift").folder == "Corpus")
    }
}
