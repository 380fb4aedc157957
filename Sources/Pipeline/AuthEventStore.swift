import ActivitySQL
import Detection
import PostgresClient
struct AuthEventStore { init(_ sql: ActivitySQL) {}; func takeNew(_ connection: PostgresConnection) async throws -> [ActivityEvent] { [] } }
