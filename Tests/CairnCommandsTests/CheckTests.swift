import CairnTestSupport
import Testing

struct CheckTests {
    @Test func `stuck requests are a finding only where that was asked for`() async throws {
        let fixture = try await Fixture()
        let now = "--now 2025-12-25T10:20:00Z"
        #expect(try await fixture.cairn("stuck \(now)").status == 0)
        let found = try await fixture.cairn("stuck --check \(now)")
        #expect(found.status == 1)
        #expect(found.output.contains("R-2"))
        #expect(found.error == "")
        #expect(try await fixture.cairn("stuck --check --older-than 1h \(now)").status == 0)
    }
}
