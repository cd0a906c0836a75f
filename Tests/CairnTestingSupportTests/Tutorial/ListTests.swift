// begin: support
import CairnTesting
import CairnTestingSupport
import Testing

@Suite(.corpus(), .runs(2_000)) struct ListTests {
    @Test func reversing() async {
        await expectHolds("reversing twice changes nothing") { draw in
            let list = try draw(.array(of: .int()), "list")
            #expect(list.reversed().reversed() == list)
        }
    }
}
// end
