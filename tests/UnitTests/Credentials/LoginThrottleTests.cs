using System.Net;
using Chitin.Security.Credentials;

namespace Chitin.UnitTests.Credentials;

public sealed class LoginThrottleTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("192.0.2.1");

    private readonly ManualClock _clock = new();
    private readonly LoginThrottle _throttle;

    public LoginThrottleTests() => _throttle = new LoginThrottle(_clock);

    private void Fail(int times, IPAddress address, string user)
    {
        for (var i = 0; i < times; i++)
            _throttle.Failed(address, user);
    }

    [Fact]
    public void A_few_mistakes_cost_nothing()
    {
        Fail(2, s_address, "app");
        Assert.Equal(TimeSpan.Zero, _throttle.Delay(s_address, "app"));
    }

    [Fact]
    public void The_wait_doubles_up_to_its_bound()
    {
        Fail(3, s_address, "app");
        Assert.Equal(TimeSpan.FromMilliseconds(100), _throttle.Delay(s_address, "app"));
        Fail(2, s_address, "app");
        Assert.Equal(TimeSpan.FromMilliseconds(400), _throttle.Delay(s_address, "app"));
        Fail(100, s_address, "app");
        Assert.Equal(TimeSpan.FromSeconds(5), _throttle.Delay(s_address, "app"));
        Assert.Equal(TimeSpan.FromSeconds(2), _throttle.Delay(IPAddress.Parse("192.0.2.2"), "app"));
    }

    [Fact]
    public void The_wait_runs_from_the_last_failure_and_is_forgotten_in_time()
    {
        Fail(5, s_address, "app");
        _clock.Now += TimeSpan.FromMilliseconds(300);
        Assert.Equal(TimeSpan.FromMilliseconds(100), _throttle.Delay(s_address, "app"));
        _clock.Now += TimeSpan.FromMinutes(16);
        Fail(1, s_address, "app");
        Assert.Equal(TimeSpan.Zero, _throttle.Delay(s_address, "app"));
    }

    [Fact]
    public void Trying_many_users_from_one_address_is_slowed_too()
    {
        for (var i = 0; i < 25; i++)
            _throttle.Failed(s_address, $"user{i}");
        Assert.True(_throttle.Delay(s_address, "another") > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _throttle.Delay(IPAddress.Parse("192.0.2.2"), "another"));
    }

    [Fact]
    public void A_success_clears_the_pair()
    {
        Fail(10, s_address, "app");
        _throttle.Succeeded(s_address, "app");
        Assert.Equal(TimeSpan.Zero, _throttle.Delay(s_address, "app"));
    }

    [Fact]
    public void Memory_is_bounded_and_the_worst_are_remembered()
    {
        Fail(60, s_address, "app");
        for (var i = 0; i < 3 * LoginThrottle.MaximumEntries; i++)
            _throttle.Failed(new IPAddress(i + 1), "x" + i);
        Assert.Equal(TimeSpan.FromSeconds(5), _throttle.Delay(s_address, "app"));
    }

    private sealed class ManualClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
