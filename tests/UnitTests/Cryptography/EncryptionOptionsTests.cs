using Chitin.Cryptography;
using Xunit;

namespace Chitin.UnitTests.Cryptography;

public sealed class EncryptionOptionsTests
{
    [Fact]
    public void A_full_setting_is_read()
    {
        var options = EncryptionOptions.Parse("path=/data,key=/k/a=b.key,old-key=plain,rotation-period=1h30m");
        Assert.Equal(new EncryptionOptions("/data", "/k/a=b.key", "plain", TimeSpan.FromMinutes(90)), options);
    }

    [Fact]
    public void Old_key_and_rotation_period_may_be_left_out() => Assert.Equal(
        new EncryptionOptions("*", "plain", null, TimeSpan.FromHours(168)), EncryptionOptions.Parse("path=*,key=plain"));

    [Theory]
    [InlineData("path", "field not in the form <key>=<value>: path")]
    [InlineData("path=a,path=b,key=plain", "path field was used twice in encryption definition")]
    [InlineData("path=a,,key=plain", "empty field")]
    [InlineData("", "empty field")]
    [InlineData("path=,key=plain", "no value specified for path")]
    [InlineData("path=a,color=red", "color is not a valid encryption field")]
    [InlineData("key=plain", "no path specified")]
    [InlineData("path=a", "no key specified")]
    [InlineData("path=a,key=b,rotation-period=week", "could not parse rotation-duration value: week")]
    [InlineData("path=a,key=b,rotation-period=0h", "could not parse rotation-duration value: 0h")]
    [InlineData("path=a,key=b,rotation-period=3", "could not parse rotation-duration value: 3")]
    public void Faults_are_told_as_specified(string text, string message) =>
        Assert.Equal(message, Assert.Throws<EncryptionException>(() => EncryptionOptions.Parse(text)).Message);

    [Fact]
    public void Settings_are_matched_to_stores_once()
    {
        var one = EncryptionOptions.Parse("path=/a/,key=k");
        Assert.Equal("k", EncryptionOptions.Match(["/a"], [one])["/a"].Key);
        Assert.Equal("plain", EncryptionOptions.Match(["/a", "/b"], [one])["/b"].Key);
        Assert.Equal(
            "store with path /a already has an encryption setting",
            Assert.Throws<EncryptionException>(() => EncryptionOptions.Match(["/a"], [one, one])).Message);
        Assert.StartsWith(
            "no usage of path /a/ found for encryption setting: ",
            Assert.Throws<EncryptionException>(() => EncryptionOptions.Match(["/b"], [one])).Message, StringComparison.Ordinal);
    }
}
