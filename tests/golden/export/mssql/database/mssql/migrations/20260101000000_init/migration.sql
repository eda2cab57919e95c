CREATE TABLE [dbo].[note] ([id] INT NOT NULL);
