namespace Chitin.WireTests;

/// <summary>Definitions after a restart are those of before.</summary>
public sealed class DefinitionTests
{
    [Theory]
    [InlineData("CREATE SEQUENCE made MINVALUE 0 START 0", "SELECT start_value || ' ' || min_value FROM pg_sequences WHERE sequencename = 'made'", "0 0")]
    [InlineData("CREATE SEQUENCE made INCREMENT -1 MAXVALUE 0 MINVALUE -5", "SELECT start_value || ' ' || max_value || ' ' || min_value FROM pg_sequences WHERE sequencename = 'made'", "0 0 -5")]
    [InlineData("CREATE ROLE made CONNECTION LIMIT 0", "SELECT rolconnlimit::text FROM pg_roles WHERE rolname = 'made'", "0")]
    [InlineData("CREATE TABLE made (a int); ALTER TABLE made ADD CONSTRAINT c CHECK (a > 0) NOT VALID", "SELECT convalidated::text FROM pg_constraint WHERE conname = 'c'", "false")]
    [InlineData("CREATE TABLE made (a int PRIMARY KEY, b int); ALTER TABLE made ADD CONSTRAINT c FOREIGN KEY (b) REFERENCES made NOT VALID", "SELECT convalidated::text FROM pg_constraint WHERE conname = 'c'", "false")]
    [InlineData("CREATE TABLE made (a numeric(3, 0), b varchar(1), c time(0), d timestamptz(0))", "SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'made'::regclass AND attnum > 0 AND NOT attisdropped", "numeric(3,0),character varying(1),time(0) without time zone,timestamp(0) with time zone")]
    public async Task A_value_that_is_zero_or_false_survives_a_restart(string definition, string question, string answer)
    {
        await using var node = await ScratchNode.StartAsync();
        await node.RunAsync(definition);
        Assert.Equal(answer, await node.ScalarAsync(question));
        await node.StopAsync();
        await node.StartAgainAsync();
        Assert.Equal(answer, await node.ScalarAsync(question));
    }
}
