import RedisClient
import ServiceLifecycle

/// Keeps the connection to Redis up until everything that writes has ended.
struct RedisService: Service {
    let redis: RedisClient

    func run() async {
        await cancelWhenGracefulShutdown { await redis.run() }
    }
}
