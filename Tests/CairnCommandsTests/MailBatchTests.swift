import Cairn
import CairnTestSupport
import Foundation
import Testing

struct MailBatchTests {
    @Test func `the article's sample is the one that the tests compile`() throws {
        func lines(_ path: String) throws -> [String] {
            let url = ReadmeTests.package.appendingPathComponent(path)
            return try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
        }
        let source = try lines("Tests/CairnCommandsTests/MailBatchSample.swift")
        let begin = try #require(source.firstIndex { $0.hasSuffix("// begin") })
        let end = try #require(source.firstIndex { $0.hasSuffix("// end") })
        let sample = source[(begin + 1)..<end].map { String($0.dropFirst(8)) }
        let article = try lines("Sources/Cairn/Cairn.docc/SendingABatch.md")
        let start = try #require(article.firstIndex(of: "```swift"))
        let stop = try #require(article[start...].firstIndex(of: "```"))
        let imports = [
            "import Cairn", "import Logging", "import ServiceLifecycle", "import UnixSignals", "",
        ]
        #expect(Array(article[(start + 1)..<stop]) == imports + sample)
        #expect(imports.count + sample.count < 40)
    }

    @Test func `the article's sample sends each letter once, however often it is started`()
        async throws
    {
        let folder = try ScratchFolder()
        let mailer = Mailer()
        let path = folder.path("mail.cairn")
        try await MailBatchSample.run(path: path, customers: Array(1...40), mailer: mailer)
        try await MailBatchSample.run(path: path, customers: Array(1...50), mailer: mailer)
        let letters = await mailer.letters
        #expect(letters.count == 50)
        #expect(letters["newsletter-2026-11/50#1"] == "Dear customer 50")
    }
}
